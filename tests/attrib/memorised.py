"""A small index of functions that the embedded model knows by heart, one half under each of two licences."""

from pathlib import Path

from attrib.bootstrap import build_service
from attrib.config import load_config
from generator.embedded.corpus import MANIFEST, Function, read_manifest
from index.lexer import lex

LICENSES = {"free": "MIT", "kept": "BSD-3-Clause"}


def known_functions(count: int) -> list[Function]:
    """Return long functions of the model's corpus, the same ones each time."""
    known, _ = read_manifest(MANIFEST)
    return [function for function in known if len(lex(function.text.encode())) >= 120][:count]


def index_of(functions: list[Function], folder: Path) -> Path:
    """Make a data folder whose index holds the functions, and return it."""
    home = folder / "home"
    with build_service(load_config({"home": home}, {}, folder)) as service:
        for number, (name, license) in enumerate(LICENSES.items()):
            source = folder / name
            source.mkdir()
            for place, function in enumerate(functions[number::2]):
                (source / f"part{place}.py").write_text(function.text + "\n", encoding="utf-8")
            service.add([str(source)], purl=f"pkg:generic/{name}@1", license=license)
    return home
