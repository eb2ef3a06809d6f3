"""Reports of audits for the tests of their formats: of nothing, of clean code, and of every kind of finding."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from attrib.answers import Action, AttributedMatch, AttributedOrigin, Attribution, IndexState, Verdict
from attrib.audits.findings import Decision, Duty, Evidence, Finding, Provenance, Settled, Standing
from attrib.audits.report import AuditedFile, AuditReport
from attrib.licenses import Choice, category_of
from attrib.memorisation import Memorisation
from attrib.memorisation_report import memorisation_json
from attrib.obligations import Ask
from index.matches import MatchKind, SearchStatus, Span

AT = datetime(2026, 11, 24, 12, 30, 45, tzinfo=UTC)
NOTICE = "Third-party notices\n\nclick 8.1.7 (pkg:pypi/click@8.1.7)\nCopyright 2014 Pallets <b>&\n"
HOSTILE = "</td><script>alert('x')</script> =cmd|' /C calc'!A0 [link](javascript:1) {0} @nobody `a` | b"
LICENSES = (
    "MIT",
    "GPL-3.0-only",
    "Apache-2.0 OR MIT",
    "MIT AND (BSD-3-Clause OR Zlib)",
    "(MIT AND BSD-3-Clause) OR Zlib",
    "GPL-2.0-or-later WITH Classpath-exception-2.0",
    "LicenseRef-Own-Terms",
    "DocumentRef-other:LicenseRef-x AND ISC",
    "GPL-2.0-only WITH AdditionRef-its-exception",
    "NOASSERTION",
    "see LICENSE/COPYING <b>",
)
EVIDENCE = Evidence("def f(total):\n    return total + 1\n", "def f(count):\n    return count + 2\n    # more\n")


def origin(number: int, license: str) -> AttributedOrigin:
    return AttributedOrigin(
        purl=f"pkg:pypi/source{number}@1.{number}",
        path=f"src/module{number}.py",
        swhid=f"swh:1:cnt:{number:040x}",
        reference=Span(10 + number, 12 + number, 0, 0),
        similarity=0.931,
        license=license,
        license_evidence="License-Expression in METADATA",
        category=category_of(license).value,
        copyright=(f"2014-2020 Ada Example <ada{number}@example.org>", "2021 Bén, Inc."),
        url=None,
        released=date(2024, 5, 6),
        as_good=True,
    )


def match(number: int, license: str, action: Action, kind: MatchKind = MatchKind.EXACT) -> AttributedMatch:
    reasons = (f"{license} says so", HOSTILE)
    choice = Choice("MIT", "MIT is chosen") if " OR MIT" in license else None
    return AttributedMatch(
        kind=kind,
        output=Span(3 + number, 5 + number, 20 + number, 80 + number),
        similarity=1.0 if kind is MatchKind.EXACT else 0.931,
        lexemes=40 + number,
        information_bits=123.0,
        common=False,
        sources=2,
        origins=(origin(number, license), origin(number + 100, "ISC")),
        verdict=Verdict(action, reasons, choice),
        names=(("total", "count"), ("x", "y")) if kind is MatchKind.RENAMED else (),
        unrelated_sources=2,
    )


def finding(path: str, number: int, license: str, action: Action, kind: MatchKind = MatchKind.EXACT) -> Finding:
    matched = match(number, license, action, kind)
    return Finding(path, matched, matched.verdict, f"{number:032x}", evidence=EVIDENCE)


def file(path: str, *findings: Finding, status: SearchStatus = SearchStatus.MATCHED) -> AuditedFile:
    digest = f"{abs(sum(map(ord, path))):040x}"
    return AuditedFile(path, status, "Python", 200, 90, findings, f"swh:1:cnt:{digest}", digest, digest + "0" * 24)


def report(*files: AuditedFile, left_out: tuple[tuple[str, str], ...] = (), notice: str = "") -> AuditReport:
    return AuditReport(
        id="0193-audit",
        root="/home/somebody/project",
        index=IndexState(61, 9120, 20_300_000, "17"),
        files=files,
        left_out=left_out,
        attribution=Attribution(bool(notice), notice, ("BSD-3-Clause", "MIT") if notice else ()),
        seconds=1.25,
        at=AT,
    )


def empty() -> AuditReport:
    return report()


def clean() -> AuditReport:
    return report(
        file("src/own.py", status=SearchStatus.CLEAN),
        file("src/tiny.py", status=SearchStatus.TOO_SHORT),
        left_out=(("node_modules/", "installed packages"), ("data.json", "data, not code")),
    )


def every_kind() -> AuditReport:
    """All kinds, verdicts, decisions, standings and licences, and names that a format could stumble over."""
    kinds, actions = list(MatchKind), list(Action)
    found = [
        finding("src/a b#c%20é&.py", number, license, actions[number % 4], kinds[number % 3])
        for number, license in enumerate(LICENSES)
    ]
    allowed = Verdict(Action.ALLOW, ("decided",))
    decided = []
    for number, settled in enumerate(Settled, start=20):
        until = date(2027, 1, 31) if settled is Settled.WAIVED else None
        decision = Decision(f"{number:032x}", settled, "Ada <b>Example", f"because {HOSTILE}", AT, until)
        blocked = finding("src/decided.py", number, "GPL-3.0-only", Action.BLOCK)
        outcome = blocked.outcome if settled is Settled.REWRITTEN else allowed
        decided.append(replace(blocked, decision=decision, outcome=outcome))
    known = [
        replace(
            finding("vendor/known.py", number, "MIT", Action.ATTRIBUTE),
            outcome=allowed,
            provenance=Provenance(standing, "pkg:pypi/source@1", "requirements.txt"),
        )
        for number, standing in enumerate(Standing, start=30)
    ]
    duties = (
        Duty(Ask.INCLUDE_COPYRIGHT, "MIT asks for its copyright notice", None),
        Duty(Ask.INCLUDE_TEXT, "MIT asks for its text", "NOTICES.txt"),
    )
    rest = [
        replace(finding("\\xff odd\\u202e name\n<i>.py", 40, "MIT", Action.ATTRIBUTE), duties=duties),
        replace(finding("=1+1.py", 41, "MIT", Action.BLOCK), baseline=True, evidence=None),
        replace(finding("=1+1.py", 42, "BSD-3-Clause", Action.REVIEW), match=bare_origin(42), evidence=None),
    ]
    common = finding("src/decided.py", 50, "MIT", Action.ALLOW)
    common = replace(common, match=replace(common.match, common=True, too_little=True), evidence=None)
    return report(
        file("src/a b#c%20é&.py", *found),
        file("src/decided.py", *decided, common),
        file("vendor/known.py", *known),
        file(rest[0].path, rest[0]),
        file("=1+1.py", *rest[1:]),
        file("src/own.py", status=SearchStatus.CLEAN),
        left_out=(("dump\x07\udc80<b>", HOSTILE), ("x.json", "data, not code")),
        notice=NOTICE + HOSTILE + "\x1b[31m\u202e\n",
    )


def bare_origin(number: int) -> AttributedMatch:
    """Return a match whose source states nothing and has no version, and whose purl no library reads."""
    told = match(number, "BSD-3-Clause", Action.REVIEW)
    bare = replace(told.origins[0], purl="pkg:generic/Ada's%20own", copyright=(), license_evidence="", path="a\tb.py")
    return replace(told, origins=(bare,))


def model() -> AuditReport:
    """Of what a model wrote: one text that is clean, one with findings, one that is withheld, and hostile names."""
    written = file("..%2Fx/choice-0.py", *(finding("..%2Fx/choice-0.py", n, "MIT", Action.ATTRIBUTE) for n in (1, 2)))
    held = finding("Task/2/choice-0.py", 3, "GPL-3.0-only", Action.BLOCK, MatchKind.NEAR)
    span = replace(held.match.output, start_byte=0, end_byte=0)
    held = replace(held, match=replace(held.match, output=span), evidence=None)
    withheld = AuditedFile(held.path, SearchStatus.MATCHED, "Python", 120, 60, (held,))
    told = report(
        file("Task/1/choice-0.py", status=SearchStatus.CLEAN),
        written,
        withheld,
        left_out=(("Task/3", "the prompt has no answer: PromptTooLong"), ("line-5", "the line cannot be used")),
        notice=NOTICE,
    )
    memorisation = Memorisation()
    for number, one in enumerate(told.files, start=1):
        memorisation.add(_generated(number, one, told.index))
    memorisation.fail("PromptTooLong")
    return replace(told, scope=f"generations of {HOSTILE}", memorisation=memorisation_json(memorisation))


def _generated(number: int, one: AuditedFile, index: IndexState) -> dict[str, Any]:
    check = one.as_json() | {"matches": [found.as_json() for found in one.findings], "index": index.as_json()}
    choice = {"code": "x" if one.sha1 else None, "steered_tokens": number, "attempts": number, "check": check}
    answer = {"id": "r", "model": None, "choices": [choice], "usage": {"completion_tokens": 50}}
    settings = {"temperature": 0.5, "seed": number}
    return {
        "line": number,
        "id": f"{HOSTILE}\n\u202e\x1b{number}",
        "settings": settings,
        "run": {"model": HOSTILE},
        "answer": answer,
    }


# The last one is the one with the most in it.
SHAPES = {"empty": empty, "clean": clean, "model": model, "every": every_kind}
