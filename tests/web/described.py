"""Holds answers against the document that describes them."""

from typing import Any

from jsonschema import Draft202012Validator


def _closed(schema: Any) -> Any:
    """Return a schema under which an object may have no field that is not told of."""
    if isinstance(schema, dict):
        closed = {name: _closed(part) for name, part in schema.items()}
        own = isinstance(schema.get("properties"), dict) and "additionalProperties" not in schema
        return closed | ({"additionalProperties": False} if own else {})
    return [_closed(part) for part in schema] if isinstance(schema, list) else schema


def validator_of(document, path, method, status, media="application/json", key="schema") -> Draft202012Validator:
    """Return what an answer of a route has to hold to, with no field that is not told of."""
    schema = document["paths"][path][method]["responses"][str(status)]["content"][media][key]
    # The references lead to components, which therefore have to stand in the same document.
    return Draft202012Validator(_closed(schema | {"components": document["components"]}))
