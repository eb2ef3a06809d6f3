"""Who may ask for what: one line a route. A route that is not here is for those who administer only."""

from collections.abc import Mapping
from enum import Enum

from attrib.scopes import Scope


class Need(Enum):
    """What a route asks for besides a scope: nothing at all, or any key or login that stands."""

    NOTHING = "nothing"
    ANY_KEY = "any key"


NEEDS: Mapping[str, Scope | Need] = {
    # What loads a page, says that the process lives, and leads to the login.
    "static": Need.NOTHING,
    "bootstrap.static": Need.NOTHING,
    "pages.code_colours": Need.NOTHING,
    "pages.about": Need.NOTHING,
    "problems.problem": Need.NOTHING,
    "health.healthz": Need.NOTHING,
    "health.readyz": Need.NOTHING,
    "login.show": Need.NOTHING,
    "login.enter": Need.NOTHING,
    "login.leave": Need.NOTHING,
    "login.to_provider": Need.NOTHING,
    "login.from_provider": Need.NOTHING,
    # What is open to the public anyway, or shown to whoever was given its id, which cannot be guessed.
    "pages.start": Need.ANY_KEY,
    "health.metrics": Need.ANY_KEY,
    "pages.record": Need.ANY_KEY,
    "pages.notice": Need.ANY_KEY,
    "pages.attributed": Need.ANY_KEY,
    "pages.side_file": Need.ANY_KEY,
    "pages.bundle": Need.ANY_KEY,
    "pages.sources": Need.ANY_KEY,
    "pages.source": Need.ANY_KEY,
    "pages.license": Need.ANY_KEY,
    "reference.openapi": Need.NOTHING,
    "reference.docs": Need.NOTHING,
    "api.record": Need.ANY_KEY,
    "api.notice": Need.ANY_KEY,
    "api.origins": Need.ANY_KEY,
    "api.sources": Need.ANY_KEY,
    "api.source": Need.ANY_KEY,
    "api.policy": Need.ANY_KEY,
    "api.license": Need.ANY_KEY,
    "api.detect_license": Need.ANY_KEY,
    "openai.models": Need.ANY_KEY,
    "openai.model": Need.ANY_KEY,
    # What works for somebody, and is recorded under their name.
    "pages.check": Scope.CHECK,
    "pages.check_sent": Scope.CHECK,
    "api.check": Scope.CHECK,
    "api.check_batch": Scope.CHECK,
    "pages.generate": Scope.GENERATE,
    "pages.generate_sent": Scope.GENERATE,
    "api.generate": Scope.GENERATE,
    "openai.completions": Scope.GENERATE,
    "openai.chat": Scope.GENERATE,
    "openai.fim": Scope.GENERATE,
    # What shows everybody's work, and whole trees.
    "pages.records": Scope.AUDIT,
    "api.records": Scope.AUDIT,
    "audit_pages.audits": Scope.AUDIT,
    "audit_pages.sent": Scope.AUDIT,
    "audit_pages.audit": Scope.AUDIT,
    "audit_pages.cancel": Scope.AUDIT,
    "audit_pages.report": Scope.AUDIT,
    "audit_pages.file": Scope.AUDIT,
    "audits.submit": Scope.AUDIT,
    "audits.audits": Scope.AUDIT,
    "audits.audit": Scope.AUDIT,
    "audits.cancel": Scope.AUDIT,
    "audits.report": Scope.AUDIT,
    "decisions.finding": Scope.AUDIT,
    "decisions.decide": Scope.AUDIT,
    "decisions.withdraw": Scope.AUDIT,
    "decisions.compare": Scope.AUDIT,
    "review_pages.finding": Scope.AUDIT,
    "review_pages.decided": Scope.AUDIT,
    "review_pages.withdrawn": Scope.AUDIT,
    "review_pages.compared": Scope.AUDIT,
    # What reads the server's own disk.
    "server_paths.submit": Scope.ADMIN,
    "server_paths.sent": Scope.ADMIN,
    # What cannot be undone.
    "deleting.record": Scope.ADMIN,
    "deleting.ask": Scope.ADMIN,
    "deleting.record_sent": Scope.ADMIN,
}


def need_of(endpoint: str) -> Scope | Need:
    """Return what a route asks for."""
    return NEEDS.get(endpoint, Scope.ADMIN)
