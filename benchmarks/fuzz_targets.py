"""What is fed with anything: each target takes bytes, and raises where they broke a law or an error nobody declared."""

import io
import json
import re
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from flask.testing import FlaskClient

from attrib.audits.decision_file import read_decisions, written
from attrib.bootstrap import build_service
from attrib.config import load_config
from attrib.errors import ConfigurationError, UnknownLicense, UnreadableInput
from attrib.license_expressions import canonical
from benchmarks.fault_index import made_code
from index.errors import DamagedSegment, UnreadableOrigin
from index.lexer import lex
from index.lsh import IndexParams
from index.origins.members import Limits, Member
from index.origins.packed import members_of
from index.postings import SegmentPostings
from index.segment import Segment
from index.segment_builder import SegmentBuilder
from index.windows import reference_keys
from index.writer import content_swhid
from web.app import create_app

_LIMITS: Final = Limits(members=200, unpacked=1 << 21)
_ROUTES: Final = ("check", "check/batch", "licenses/detect")
_CODE: Final = made_code(1)
_LINE_END: Final = re.compile(rb"\r\n?|\n")


@dataclass(frozen=True, slots=True)
class Target:
    """Something that reads what others wrote, and well-formed input to begin from."""

    read: Callable[[bytes], None]
    seeds: Sequence[bytes]


def _lexer(data: bytes) -> None:
    found = lex(data)
    before = 0
    for start, end, line in zip(found.starts.tolist(), found.ends.tolist(), found.lines.tolist(), strict=True):
        if not before <= start < end <= len(data):
            raise AssertionError(f"a lexeme lies at {start}:{end} behind {before}")
        if line != 1 + len(_LINE_END.findall(data[:start])):
            raise AssertionError(f"the lexeme at {start} is said to be in line {line}")
        before = end


def _segment(data: bytes) -> None:
    place = _scratch() / "fuzzed.segment"
    place.write_bytes(data)
    with suppress(DamagedSegment):
        segment = Segment(place, IndexParams())
        keys = reference_keys(_CODE.encode(), lex(_CODE.encode()), IndexParams()).keys
        SegmentPostings([segment]).lookup(keys, 8)
        for ordinal in range(segment.contents):
            if content_swhid(segment.text(ordinal)) != segment.swhid(ordinal):
                raise AssertionError("a text came back as another")


def _archive(data: bytes) -> None:
    with suppress(UnreadableOrigin):
        for member in members_of(lambda: io.BytesIO(data), "fuzzed", _LIMITS)():
            if member.path.startswith("/") or ".." in member.path.split("/"):
                raise AssertionError("a member lies outside")
            if isinstance(member, Member):
                member.read()


def _license(data: bytes) -> None:
    with suppress(UnknownLicense):
        once = canonical(data.decode("utf-8", "replace")).expression
        if canonical(once).expression != once:
            raise AssertionError(f"{once!r} is not its own canonical form")


def _settings(data: bytes) -> None:
    (_scratch() / "attrib.toml").write_bytes(data)
    with suppress(ConfigurationError):
        load_config({}, {}, _scratch())


def _decisions(data: bytes) -> None:
    place = _scratch() / "attrib-decisions.toml"
    place.write_bytes(data)
    with suppress(UnreadableInput):
        read = read_decisions(place)
        place.write_text(written(read, read.decisions), encoding="utf-8")
        again = read_decisions(place)
        if set(again.decisions) != set(read.decisions) or again.project != read.project:
            raise AssertionError("decisions that were written are read as others")


def _bodies(data: bytes) -> None:
    route = _ROUTES[len(data) % len(_ROUTES)]
    kind = "application/x-ndjson" if route.endswith("batch") else "application/json"
    with _client().post(f"/api/v1/{route}", data=data, content_type=kind) as answer:
        said = answer.get_data(as_text=True)
        if answer.status_code >= 500:
            raise AssertionError(f"{route} answers with {answer.status_code}: {said[:300]}")
        if not said and data.strip():
            raise AssertionError(f"{route} answers with nothing")


@cache
def _scratch() -> Path:
    return Path(tempfile.mkdtemp(prefix="attrib-fuzz-"))


@cache
def _client() -> FlaskClient:
    source = _scratch() / "source"
    source.mkdir()
    (source / "made.py").write_text(_CODE, encoding="utf-8")
    config = load_config({"home": _scratch() / "home", "rate_limit": "off"}, {}, source)
    service = build_service(config)
    service.add([str(source)], purl="pkg:generic/made@1", license="MIT")
    return create_app(service, config).test_client()


def _whole_segment() -> bytes:
    builder = SegmentBuilder(IndexParams())
    for seed in range(3):
        text = made_code(seed).encode()
        builder.add(content_swhid(text), text, "Python")
    return (_scratch() / builder.write(_scratch())).read_bytes()


def _archives() -> tuple[bytes, ...]:
    zipped, packed = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/b.py", "x = 1\n" * 9)
        archive.writestr("a/LICENSE", "MIT")
    with tarfile.open(fileobj=packed, mode="w") as tar:
        info = tarfile.TarInfo("a/b.py")
        info.size = 6
        tar.addfile(info, io.BytesIO(b"x = 1\n"))
        tar.addfile(tarfile.TarInfo("a/" + "long" * 60))
    return zipped.getvalue(), packed.getvalue()


def _json_bodies() -> tuple[bytes, ...]:
    bodies = (
        {"code": _CODE, "language": "python", "path": "a.py", "exclude": ["pkg:pypi/a"]},
        {"text": "MIT License", "path": "LICENSE"},
    )
    return (*(json.dumps(body).encode() for body in bodies), b'{"code": "a"}\n{"code": "b"}\n')


_DECISION: Final = b"""# ours
project = "mine"

[[decision]]
fingerprint = "%032x"
decision = "waived"
by = "Ann"
reason = "it is ours"
at = 2026-11-24T16:00:00Z
until = 2027-03-31
"""
_SETTINGS: Final = b"""retention = "hashes"
keep_days = 30
exclude = ["pkg:pypi/a"]

[audit]
ignore = ["*.min.js"]

[policy]
allow = ["MIT"]

[[policy.exceptions]]
source = "pkg:pypi/a"
reason = "bought"
until = 2027-03-31
"""


@cache
def targets() -> Mapping[str, Target]:
    """Return every target by name."""
    return {
        "lexer": Target(_lexer, (_CODE.encode(), b"\xef\xbb\xbfa == b\r\n\tc[\xff\x80] ;;;\n\0--- x")),
        "segment": Target(_segment, (_whole_segment(),)),
        "archive": Target(_archive, _archives()),
        "license": Target(
            _license,
            (b"(MIT OR Apache-2.0) AND GPL-2.0+ WITH Classpath-exception-2.0", b"BSD, and LicenseRef-x/Zlib"),
        ),
        "settings": Target(_settings, (_SETTINGS,)),
        "decisions": Target(_decisions, (_DECISION % 1, _DECISION % 1 + (_DECISION % 2).partition(b"\n\n")[2])),
        "bodies": Target(_bodies, _json_bodies()),
    }  # fmt: skip
