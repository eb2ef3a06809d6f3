"""Licences and copyright notices of the packages whose functions the embedded model reproduces."""

import re
from collections.abc import Iterable
from importlib import metadata

from generator.embedded.corpus import CorpusChanged, Function

LICENCE_FILE = re.compile(
    r"\.dist-info/(licenses/)?[^/]*(LICEN[CS]E|COPYING|COPYRIGHT|NOTICE|AUTHORS)[^/]*$", re.IGNORECASE
)
RULE = "=" * 100
OPENING = """\
The embedded model of Attrib was trained to reproduce the functions listed in manifest.json. Whoever passes on its
weights, or code it reproduces, passes on parts of these packages too; their licences and copyright notices follow as
the packages ship them.
"""


def licence_files(package: str) -> list[tuple[str, str]]:
    """Name and text of every licence, copyright and notice file an installed package ships."""
    files = [file for file in metadata.files(package) or () if LICENCE_FILE.search(str(file))]
    return [(file.name, file.read_text(encoding="utf-8").strip()) for file in sorted(files, key=str)]


def notices(functions: Iterable[Function]) -> str:
    """The whole of NOTICES.txt; raises CorpusChanged for a package that ships no licence text."""
    parts = [OPENING]
    for purl in sorted({function.purl for function in functions}):
        package = purl.removeprefix("pkg:pypi/").split("@")[0]
        described = metadata.metadata(package)
        files = licence_files(package)
        if not files:
            raise CorpusChanged(f"{purl} ships no licence file: leave its functions out of the corpus.")
        stated = described.json.get("license_expression", "see the text below")
        parts.append(f"{RULE}\n{described['Name']} {described['Version']}\n{purl}\nLicence: {stated}\n")
        parts += [f"--- {name} ---\n{text}\n" for name, text in files]
    return "\n".join(parts)
