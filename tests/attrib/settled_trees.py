"""A real index of two small sources, trees that copy from them, and findings made by hand, for tests of audits."""

from datetime import UTC, datetime
from pathlib import Path

from attrib.answers import Action, AttributedMatch, AttributedOrigin, Verdict
from attrib.audits.findings import Decision, Finding, Settled
from attrib.audits.fingerprints import fingerprint
from attrib.audits.projects import precedents_of, project_of
from attrib.audits.report import AuditReport
from attrib.bootstrap import build_service
from attrib.config import Config
from attrib.service import Service
from index.matches import MatchKind, Span

NEWEST = """def newest(folder, ending):
    found, moment = None, 0.0
    for place, _, names in os.walk(folder):
        for name in sorted(names):
            if not name.endswith(ending):
                continue
            changed = os.stat(os.path.join(place, name)).st_mtime
            if changed > moment:
                found, moment = os.path.join(place, name), changed
    return found
"""
ROUTE = """class Route:
    def __init__(self, pattern, handler, methods):
        self.pattern = re.compile(pattern)
        self.handler = handler
        self.methods = frozenset(method.upper() for method in methods)

    def answer(self, request, fallback):
        found = self.pattern.fullmatch(request.path)
        if found is None or request.method not in self.methods:
            return fallback(request)
        arguments = {name: value for name, value in found.groupdict().items() if value is not None}
        return self.handler(request, **arguments)
"""
MIT = "SPDX-License-Identifier: MIT\nCopyright (c) 2019 Ada Example\n"
APACHE = "SPDX-License-Identifier: Apache-2.0\nCopyright 2021 Ben Sample\n"
MOMENT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def indexed(config: Config, folder: Path) -> Service:
    """Return a service over two sources: newest under MIT, route under Apache-2.0 with a NOTICE."""
    for name, code, legal in (("newest", NEWEST, MIT), ("route", ROUTE, APACHE)):
        source = folder / "sources" / name
        source.mkdir(parents=True)
        (source / f"{name}.py").write_text(code)
        (source / "LICENSE").write_text(legal)
    (folder / "sources" / "route" / "NOTICE").write_text("Route\nMade for the trams of Exampletown.\n")
    service = build_service(config)
    service.add([str(folder / "sources" / "newest")], purl="pkg:generic/newest@1", license="MIT")
    service.add([str(folder / "sources" / "route")], purl="pkg:generic/route@2", license="Apache-2.0")
    return service


def audited(service: Service, tree: Path, baseline: Path | None = None) -> AuditReport:
    """Return the audit of a tree as the command makes it, with its decisions."""
    return service.audit(tree, precedents=precedents_of(project_of(tree), service.history, baseline))


def finding(
    code: str = NEWEST, path: str = "a.py", action: Action = Action.ATTRIBUTE, purl: str = "pkg:generic/newest@1"
) -> Finding:
    """Return a finding that covers the whole of a code."""
    data = code.encode()
    span = Span(1, data.count(b"\n") + 1, 0, len(data))
    origin = AttributedOrigin(
        purl, "newest.py", "swh:1:cnt:" + "0" * 40, span, 1.0, "MIT", "LICENSE", "permissive", ("2019 Ada Example",),
        None,
    )  # fmt: skip
    match = AttributedMatch(MatchKind.EXACT, span, 1.0, 90, 400.0, False, 1, (origin,), Verdict(action, ("why",)))
    print_ = fingerprint(match, data)
    return Finding(path, match, match.verdict, print_.name, sketch=print_.sketch)


def decision(of: Finding, settled: Settled = Settled.ACCEPTED) -> Decision:
    """Return a decision about a finding."""
    return Decision(of.fingerprint, settled, "Ada", "we may", MOMENT, None, of.sketch, "pkg:generic/newest", of.path)
