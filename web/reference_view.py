"""Lays out the OpenAPI document as a person reads it: routes by subject, fields with what they mean, real examples."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

SERVED = "http://127.0.0.1:8000"
Schema = Mapping[str, Any]

NAMES = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false", "null": "null"}


@dataclass(frozen=True, slots=True)
class Field:
    """A field as it is shown; `fields` are those of the object it holds."""

    name: str
    type: str
    required: bool
    text: str
    fields: tuple["Field", ...] = ()


@dataclass(frozen=True, slots=True)
class Example:
    """A request as it is typed, and the answer that it really had."""

    title: str
    command: str
    status: int
    answer: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """A status with the types of problems it stands for."""

    status: str
    text: str


@dataclass(frozen=True, slots=True)
class Route:
    """One operation."""

    id: str
    method: str
    path: str
    summary: str
    text: str
    parameters: tuple[Field, ...]
    body: tuple[Field, ...]
    body_type: str
    answer: tuple[Field, ...]
    answer_types: tuple[str, ...]
    refusals: tuple[Refusal, ...]
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """Routes that belong together."""

    name: str
    routes: tuple[Route, ...]

    @property
    def anchor(self) -> str:
        """Its name as the end of an address."""
        return "".join(letter if letter.isalnum() else "-" for letter in self.name.lower())


def subjects_of(document: Schema) -> tuple[Subject, ...]:
    """Return every operation of a document under its subject, in the document's order."""
    reader = _Reader(document["components"]["schemas"])
    found: dict[str, list[Route]] = {tag["name"]: [] for tag in document["tags"]}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            found[operation["tags"][0]].append(_route(reader, path, method.upper(), operation))
    return tuple(Subject(name, tuple(routes)) for name, routes in found.items())


@cache
def examples() -> Mapping[str, tuple[Example, ...]]:
    """Return the kept examples by the operation they are of; `benchmarks.api_examples` makes them."""
    kept = json.loads(files("web").joinpath("examples.json").read_text(encoding="utf-8"))
    made: dict[str, tuple[Example, ...]] = {}
    for one in kept:
        answer = one["answer"]
        shown = Example(one["title"], curl(one["request"]), answer["status"], _shown(answer["body"]))
        made[one["operation"]] = (*made.get(one["operation"], ()), shown)
    return made


def curl(request: Schema) -> str:
    """Return a request as a command for the shell."""
    parts = [f"curl -sS '{SERVED}{request['path']}'"]
    if request["method"] not in ("GET", "POST"):
        parts.append(f"-X {request['method']}")
    parts += [f"-H '{name}: {value}'" for name, value in request["headers"].items()]
    if request["body"] is not None:
        body = request["body"] if isinstance(request["body"], str) else json.dumps(request["body"])
        parts.append("--data-binary '" + body.replace("'", "'\\''") + "'")
    return " \\\n  ".join(parts)


def _shown(body: Any) -> str:
    return body if isinstance(body, str) else json.dumps(body, indent=2, ensure_ascii=False)


def _route(reader: "_Reader", path: str, method: str, operation: Schema) -> Route:
    body = operation.get("requestBody", {}).get("content", {})
    status, done = next(item for item in operation["responses"].items() if item[0].startswith("2"))
    answered = done.get("content", {})
    return Route(
        id=operation["operationId"],
        method=method,
        path=path,
        summary=operation["summary"],
        text=operation["description"],
        parameters=tuple(
            Field(
                f"{one['name']}",
                f"{reader.type(one['schema'])}, in the {_PLACES[one['in']]}",
                one["required"],
                one.get("description", ""),
            )
            for one in operation["parameters"]
        ),
        body=reader.fields_of(body),
        body_type=", ".join(body),
        answer=reader.fields_of(answered),
        answer_types=tuple(f"{status} {media}" for media in answered) or (status,),
        refusals=tuple(
            Refusal(code, one["description"]) for code, one in operation["responses"].items() if code >= "4"
        ),
        examples=examples().get(operation["operationId"], ()),
    )


_PLACES = {"path": "address", "query": "query", "header": "header"}


class _Reader:
    """Reads schemas, following references into the document's components."""

    def __init__(self, schemas: Schema) -> None:
        self._schemas = schemas

    def fields_of(self, content: Schema) -> tuple[Field, ...]:
        """Return the fields of the first media type that has any."""
        for media in content.values():
            found = self.fields(media.get("schema") or media.get("x-itemSchema") or {})
            if found:
                return found
        return ()

    def fields(self, schema: Schema) -> tuple[Field, ...]:
        """Return the fields of the object that a schema is of, or of the objects in its list or its choices."""
        schema = self._resolved(schema)
        if "properties" in schema:
            required = schema.get("required", ())
            return tuple(
                Field(name, self.type(one), name in required, one.get("description", ""), self.fields(one))
                for name, one in schema["properties"].items()
            )
        if "items" in schema:
            return self.fields(schema["items"])
        parts = [found for part in schema.get("anyOf", ()) if (found := self.fields(part))]
        return parts[0] if parts else ()

    def type(self, schema: Schema) -> str:
        """Say in words what a value is."""
        schema = self._resolved(schema)
        if "anyOf" in schema:
            return " or ".join(dict.fromkeys(self.type(part) for part in schema["anyOf"])) + self._default(schema)
        if "enum" in schema or "const" in schema:
            values = schema.get("enum", [schema.get("const")])
            return "one of " + ", ".join(json.dumps(value) for value in values) + self._default(schema)
        if schema.get("type") == "array":
            return f"list of {self.type(schema.get('items', {}))}"
        if schema.get("type") == "object" or "properties" in schema:
            return "object"
        return NAMES.get(schema.get("type", ""), "any value") + _bounds(schema) + self._default(schema)

    def _default(self, schema: Schema) -> str:
        return (
            f", {json.dumps(schema['default'])} where left out" if schema.get("default") not in (None, [], "") else ""
        )

    def _resolved(self, schema: Schema) -> Schema:
        return self._schemas[schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema


def _bounds(schema: Schema) -> str:
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum"))
    if low is not None and high is not None:
        above = "more than " if "exclusiveMinimum" in schema else ""
        below = "below " if "exclusiveMaximum" in schema else ""
        return f", {above}{low:,} to {below}{high:,}"
    if "maxLength" in schema:
        return f", at most {schema['maxLength']:,} characters"
    return ""
