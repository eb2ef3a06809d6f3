"""The API as an OpenAPI 3.1 document, made of the types that its views read and answer."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, get_args

from flask import Flask
from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue
from pydantic_core import core_schema
from typing_extensions import Doc, get_type_hints

from attrib import __version__
from web import idempotency
from web.answers import ProblemJson
from web.errors import PROBLEM_TYPES, ProblemType
from web.openai_errors import status_of
from web.openai_json import OpenAIErrorJson
from web.operations import Operation, operations_of

OPENAI_PATHS = "/v1/"
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
REFERENCE = "#/components/schemas/{model}"
RETRIED = (429, 503)
READ: Final = "validation"
WRITTEN: Final = "serialization"
DESCRIPTION = """\
Tells which parts of code are copied, from where and under which licence, and what has to be shipped with them.

Errors are `application/problem+json` (RFC 9457); below `/v1/` they have OpenAI's shape. Lists are cut into pages: give
`cursor` back for the next one. What creates a record honours `Idempotency-Key` for a day. A page of problem types and
the guide are in the documentation."""

Json = dict[str, Any]


class _Documented(GenerateJsonSchema):
    """JSON Schema in which a field of a TypedDict has its `Doc` as description."""

    def typed_dict_schema(self, schema: core_schema.TypedDictSchema) -> JsonSchemaValue:
        """Add the texts of the fields to the schema of a TypedDict."""
        made = super().typed_dict_schema(schema)
        for name, hint in get_type_hints(schema["cls"], include_extras=True).items():
            text = doc_of(hint)
            if text:
                made["properties"][name]["description"] = text
        return made

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Leave out titles that only repeat the name."""
        return False


def openapi_document(app: Flask) -> Json:
    """Return the document of every described route of an application."""
    found = operations_of(app)
    schemas = _Schemas(described for _, _, _, described in found)
    paths: dict[str, Json] = {}
    for rule, method, endpoint, described in found:
        path = PARAMETER.sub(r"{\1}", rule)
        paths.setdefault(path, {})[method.lower()] = _operation(path, method, endpoint, described, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Attrib",
            "version": __version__,
            "description": DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/", "description": "This server"}],
        "tags": [{"name": tag} for tag in dict.fromkeys(described.tag for _, _, _, described in found)],
        # Without a key where the server asks for none: on loopback.
        "security": [{}, {"key": []}],
        "paths": paths,
        "components": {
            "schemas": schemas.definitions,
            "headers": _HEADERS,
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": "An API key."}},
        },
    }


def doc_of(hint: Any) -> str | None:
    """Return the text that a type hint has with it, wherever in it."""
    metadata = getattr(hint, "__metadata__", ())
    text = next((one.documentation for one in metadata if isinstance(one, Doc)), None)
    return text or next((text for part in get_args(hint) if (text := doc_of(part))), None)


class _Schemas:
    """The schemas of all types that operations name, made together so that they share their definitions."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        wanted: dict[tuple[str, JsonSchemaMode], TypeAdapter[Any]] = {}
        for one in operations:
            read = [one.body, one.query, *one.sends.values(), *one.path.values()]
            wanted |= {(_key(type_), READ): TypeAdapter(type_) for type_ in read if type_ is not None}
            wanted |= {
                (_key(type_), WRITTEN): TypeAdapter(type_) for type_ in (one.answer, *one.also.values()) if type_
            }
        for answered in (ProblemJson, OpenAIErrorJson):
            wanted[_key(answered), WRITTEN] = TypeAdapter(answered)
        self._made, whole = TypeAdapter.json_schemas(
            [(key, mode, adapter) for (key, mode), adapter in wanted.items()],
            ref_template=REFERENCE,
            schema_generator=_Documented,
        )
        self.definitions: Json = whole["$defs"]

    def read(self, type_: Any) -> Json:
        """Return the schema of a type that is sent to us."""
        return dict(self._made[_key(type_), READ])

    def written(self, type_: Any) -> Json:
        """Return the schema of a type that we answer."""
        return dict(self._made[_key(type_), WRITTEN])

    def fields(self, model: type[BaseModel]) -> Iterable[tuple[str, Json, bool]]:
        """Yield (name, schema, whether it must be given) of the fields of a query."""
        schema = self.read(model)
        whole = self.definitions[schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema
        for name, field in whole["properties"].items():
            yield name, field, name in whole.get("required", ())


def _key(type_: Any) -> str:
    return f"{getattr(type_, '__module__', '')}.{type_!r}"


def _operation(path: str, method: str, endpoint: str, described: Operation, schemas: _Schemas) -> Json:
    made: Json = {
        "operationId": endpoint.removeprefix("api.").replace(".", "_"),
        "tags": [described.tag],
        "summary": described.summary,
        "description": described.description or described.summary + ".",
        "parameters": [*_path_parameters(path, described, schemas), *_query(described, schemas), *_headers(described)],
        "responses": _responses(path, method, described, schemas),
    }
    if described.has_body:
        content = {} if described.body is None else {"application/json": {"schema": schemas.read(described.body)}}
        content |= {media: _media(media, schemas.read(type_)) for media, type_ in described.sends.items()}
        made["requestBody"] = {"required": True, "content": content}
    return made


def _path_parameters(path: str, described: Operation, schemas: _Schemas) -> list[Json]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": doc_of(described.path[name]) or name,
            "schema": schemas.read(described.path[name]),
        }
        for name in re.findall(r"\{(\w+)\}", path)
    ]


def _query(described: Operation, schemas: _Schemas) -> list[Json]:
    if described.query is None:
        return []
    made = []
    for name, schema, required in schemas.fields(described.query):
        text = schema.pop("description", None)
        made.append(
            {"name": name, "in": "query", "required": required, "schema": schema}
            | ({"description": text} if text else {})
        )
    return made


def _headers(described: Operation) -> list[Json]:
    made = [_header("X-Request-Id", "Kept as the id of the request where it is usable.", {"type": "string"})]
    if described.creates:
        text = "Makes it safe to send the request again: for a day the same key gives the same answer."
        made.append(_header(idempotency.HEADER, text, {"type": "string", "pattern": idempotency.PATTERN}))
    if described.cached:
        made.append(_header("If-None-Match", "An ETag: 304 where nothing has changed.", {"type": "string"}))
    return made


def _header(name: str, text: str, schema: Json) -> Json:
    return {"name": name, "in": "header", "required": False, "description": text, "schema": schema}


def _responses(path: str, method: str, described: Operation, schemas: _Schemas) -> Json:
    content = {} if described.answer is None else {"application/json": {"schema": schemas.written(described.answer)}}
    content |= {media: _media(media, schemas.written(type_)) for media, type_ in described.also.items()}
    headers = {"X-Request-Id": _header_of("X-Request-Id")}
    done: Json = {
        "description": "Done.",
        "headers": headers | ({"ETag": _header_of("ETag")} if described.cached else {}),
    }
    made = {str(described.status): done | ({"content": content} if content else {})}
    if described.cached:
        made["304"] = {"description": "It has not changed.", "headers": headers}
    for status, refused in sorted(_refused(path, method, described).items()):
        again = {"Retry-After": _header_of("Retry-After")} if status in RETRIED else {}
        made[str(status)] = {
            "description": " ".join(f"{type_.title} (`{kind}`)." for kind, type_ in refused.items()),
            "headers": headers | again,
            "content": _problem(path, schemas),
        }
    return made


def _refused(path: str, method: str, described: Operation) -> dict[int, dict[str, ProblemType]]:
    """Return the problem types that may come, by the status they have there."""
    made: dict[int, dict[str, ProblemType]] = {}
    for kind, type_ in PROBLEM_TYPES.items():
        comes = (
            type_.arises == "everywhere"
            or (type_.arises == "sending" and method != "GET")
            or (type_.arises == "body" and described.has_body)
            or (type_.arises == "fields" and (described.has_body or described.query is not None or described.creates))
            or (type_.arises == "creating" and described.creates)
            or kind in described.refuses
        )
        if comes:
            status = status_of(type_.status) if path.startswith(OPENAI_PATHS) else type_.status
            made.setdefault(status, {})[kind] = type_
    return made


def _problem(path: str, schemas: _Schemas) -> Json:
    if path.startswith(OPENAI_PATHS):
        return {"application/json": {"schema": schemas.written(OpenAIErrorJson)}}
    return {"application/problem+json": {"schema": schemas.written(ProblemJson)}}


def _media(media: str, schema: Json) -> Json:
    """Return a media type; of a sequence the schema is that of its items, which OpenAPI 3.1 has no word for yet."""
    if media in ("text/event-stream", "application/x-ndjson") and schema != {"type": "string"}:
        return {"schema": {"type": "string"}, "x-itemSchema": schema}
    return {"schema": schema}


def _header_of(name: str) -> Mapping[str, str]:
    return {"$ref": f"#/components/headers/{name}"}


_HEADERS: Json = {
    "X-Request-Id": {
        "description": "The id of the request, by which its log lines are found.",
        "required": True,
        "schema": {"type": "string"},
    },
    "ETag": {"description": "Names the content of the answer.", "required": True, "schema": {"type": "string"}},
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 0}},
}
