"""Audits of paths of the server itself, for those who administer it: over HTTP and from a form."""

from flask import Blueprint, Response, jsonify, redirect, request, url_for
from pydantic import Field
from werkzeug.wrappers import Response as BaseResponse

from attrib.audits.store import Audit
from web.audit_pages import REFUSED, audits_page, lines_of
from web.audits import AUDITS
from web.current import current_service
from web.errors import problem_of
from web.list_answers import AuditJson
from web.list_requests import Project, given
from web.operations import operation
from web.schemas import MOST_EXCLUDED, Asked, Path, Purl

blueprint = Blueprint("server_paths", __name__)


class ServerPathRequest(Asked):
    """A folder, a file or an archive of the server, from its root on, that is to be audited."""

    path: Path
    project: Project | None = None
    exclude: tuple[Purl, ...] = Field((), max_length=MOST_EXCLUDED)


@blueprint.post("/api/v1/audits/server-path")
@operation(AUDITS, status=202, refuses=("path-not-allowed", "audit-queue-full"))
def submit(body: ServerPathRequest) -> AuditJson | Response:
    """Have a folder of the server audited, in the background as archives are.

    It must lie below one of the folders that the setting `audit_roots` names; there is none by default. Links are not
    followed. For keys that administer only.
    """
    audit = _submitted(body)
    response = jsonify(audit.as_json())
    response.status_code = 202
    response.headers["Location"] = url_for("audits.audit", id=audit.id)
    return response


@blueprint.post("/audits/server-path")
def sent() -> BaseResponse | tuple[str, int]:
    """Put the path of the form into the queue and lead to its audit, or show the form again with what is wrong."""
    try:
        fields = given({name: request.form.get(name, "") for name in ("path", "project")})
        exclude = lines_of(request.form.get("exclude", ""))
        audit = _submitted(ServerPathRequest.from_form({**fields, "exclude": exclude}))
    except REFUSED as error:
        problem = problem_of(error)
        return audits_page(problem), problem.type.status
    return redirect(url_for("audit_pages.audit", id=audit.id), 303)


def _submitted(asked: ServerPathRequest) -> Audit:
    return current_service().audit_path(asked.path, asked.exclude, project=asked.project)
