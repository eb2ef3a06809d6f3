"""Describes each route of the API beside its view: the types it reads and answers are those of the view itself.

What a view takes is read before it is called, and what it returns is written as JSON, so a description cannot be
wrong about either. `web.openapi` makes the document of it.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import wraps
from types import MappingProxyType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from flask import Flask, Response, jsonify, request
from pydantic import BaseModel

from web.conditional import conditional
from web.errors import Problem
from web.idempotency import from_record, once
from web.limits import in_a_slot
from web.schemas import Asked

NOTHING: Mapping[str, Any] = MappingProxyType({})

View = Callable[..., Any]
Again = Callable[[Any, Mapping[str, Any]], Any]
"""Answers a body once more, from the answer that its record keeps."""


@dataclass(frozen=True, slots=True)
class Operation:
    """What one route takes and gives.

    `body` is what is read from a JSON body, `query` and `path` from the address, `sends` the bodies that the view
    reads by itself, each by its media type. `answer` is what is answered as JSON; `also` what may be answered instead,
    by media type. `refuses` are keys of `PROBLEM_TYPES` besides those that every route has. `creates`: an
    Idempotency-Key is honoured. `cached`: the answer has an ETag. `long`: it
    may take long, so that only some are worked at at once.
    """

    tag: str
    summary: str
    description: str
    status: int
    body: type[BaseModel] | None
    query: type[Asked] | None
    path: Mapping[str, Any]
    answer: Any
    sends: Mapping[str, Any] = field(default_factory=dict)
    also: Mapping[str, Any] = field(default_factory=dict)
    refuses: tuple[str, ...] = ()
    creates: bool = False
    cached: bool = False
    long: bool = False

    @property
    def has_body(self) -> bool:
        """Whether it reads a body."""
        return self.body is not None or bool(self.sends)


def operation(
    tag: str,
    *,
    status: int = 200,
    sends: Mapping[str, Any] = NOTHING,
    also: Mapping[str, Any] = NOTHING,
    refuses: Sequence[str] = (),
    creates: Again | None = None,
    keyed: bool = False,
    cached: bool = False,
    long: bool = False,
) -> Callable[[View], View]:
    """Describe a view, read what it takes and write what it returns.

    A view that has a parameter `body` is given the JSON body as that parameter's type, one that has `query` the query
    of the address. `creates` renders the kept answer again for a request whose Idempotency-Key was sent before;
    `keyed` is a view that looks to the key by itself.
    Its docstring is the text of the reference, the first line the summary; the type that it returns
    is the schema of the answer, where a `Response` beside it stands for what `also` names.
    """

    def describe(view: View) -> View:
        hints = get_type_hints(view, include_extras=True)
        summary, _, rest = inspect.cleandoc(view.__doc__ or "").partition("\n")
        described = Operation(
            tag=tag,
            summary=summary.rstrip("."),
            description=rest.strip(),
            status=status,
            body=hints.get("body"),
            query=hints.get("query"),
            path={name: hint for name, hint in hints.items() if name not in ("body", "query", "return")},
            answer=_answer(hints.get("return")),
            sends=sends,
            also=also,
            refuses=tuple(refuses),
            creates=keyed or creates is not None,
            cached=cached,
            long=long,
        )

        def done(given: Mapping[str, Any]) -> Response:
            return in_a_slot(lambda: _written(described, view(**given))) if long else _written(described, view(**given))

        @wraps(view)
        def answered(**given: Any) -> Response:
            if described.query is not None:
                given["query"] = described.query.from_form(_query())
            if described.body is None:
                return done(given)
            sent = json_body()
            body = given["body"] = described.body.from_json(sent)  # type: ignore[attr-defined]
            if creates is None:
                return done(given)
            again = from_record(lambda kept: _written(described, creates(body, kept)))
            return once(lambda: sent, lambda: done(given), again)

        # On the function itself, so that it is found below whatever is wrapped around the view.
        answered.__dict__["operation"] = described
        return answered

    return describe


def operations_of(app: Flask) -> list[tuple[str, str, str, Operation]]:
    """Return (path, method, endpoint, operation) of every described route, in the order of their registration."""
    found = []
    for rule in app.url_map.iter_rules():
        described = operation_of(app.view_functions[rule.endpoint])
        if described is not None:
            methods = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
            found += [(rule.rule, method, rule.endpoint, described) for method in methods]
    return found


def operation_of(view: View) -> Operation | None:
    """Return the description of a view, None where it has none."""
    described = getattr(view, "operation", None)
    return described if isinstance(described, Operation) else None


def json_body() -> bytes:
    """Return the body of a JSON request; raises Problem where it is said to be something else."""
    if request.mimetype != "application/json":
        sent = request.mimetype or "nothing named"
        raise Problem("not-json-type", f"The body must be sent as application/json, not as {sent}.")
    return request.get_data(cache=False)


def _query() -> dict[str, Any]:
    """Return the fields of the query; one that is given twice is a list, which no field takes that wants one value."""
    fields = request.args.to_dict(flat=False)
    return {name: values[0] if len(values) == 1 else values for name, values in fields.items()}


def _written(described: Operation, answer: Any) -> Response:
    if isinstance(answer, Response):
        response = answer
    elif answer is None:
        response = Response(status=described.status)
        response.headers.remove("Content-Type")
    else:
        response = jsonify(answer)
        response.status_code = described.status
    return conditional(response) if described.cached else response


def _answer(hint: Any) -> Any:
    """Return what is answered as JSON: the return type without `Response`, None where nothing is left."""
    parts = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    left = [part for part in parts if part not in (None, type(None), Response)]
    return Union[tuple(left)] if left else None  # noqa: UP007 - the parts are known at run time only
