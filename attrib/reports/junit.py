"""The report as JUnit XML: a test case for each file, so that a CI server shows what fails and where.

The shape is the one that Jenkins, GitLab and GitHub's actions read; it is held to Jenkins' schema.
"""

from pathlib import PurePosixPath
from xml.etree import ElementTree as Xml

from attrib.audits.findings import Finding
from attrib.audits.report import AuditedFile, AuditReport
from attrib.match_text import lines
from attrib.notices.document import plain, plain_line
from attrib.reports.documents import moment, root_name
from attrib.reports.wording import NOT_ASKED, counting, origin_line, remarks
from index.matches import SearchStatus


def render(report: AuditReport) -> str:
    """Return the XML, ending in a newline; a file fails by its findings at or above `fail_on`, the rest are told."""
    failed = sum(any(map(report.fails, file.findings)) for file in report.files)
    counts = {
        "tests": str(len(report.files) + len(report.left_out)),
        "failures": str(failed),
        "errors": str(len(report.incomplete)),
        "time": f"{report.seconds:.3f}",
    }
    name = plain_line(root_name(report))
    suites = Xml.Element("testsuites", {"name": "attrib audit", **counts})
    suite = Xml.SubElement(
        suites,
        "testsuite",
        {
            "name": name,
            **counts,
            "skipped": str(len(report.left_out)),
            "timestamp": moment(report).removesuffix("Z"),
            "hostname": "localhost",
        },
    )
    for file in report.files:
        _file(suite, file, report)
    for path, reason in report.left_out:
        Xml.SubElement(_case(suite, path), "skipped").text = plain_line(reason)
    Xml.indent(suites)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{Xml.tostring(suites, encoding="unicode")}\n'


def _case(suite: Xml.Element, path: str) -> Xml.Element:
    folder = str(PurePosixPath(path).parent)
    return Xml.SubElement(suite, "testcase", {"classname": plain_line(folder), "name": plain_line(path), "time": "0"})


def _file(suite: Xml.Element, file: AuditedFile, report: AuditReport) -> None:
    case = _case(suite, file.path)
    if file.status is SearchStatus.INCOMPLETE:
        Xml.SubElement(case, "error", {"type": file.status.value, "message": NOT_ASKED})
    found = counting(file.findings)
    failing = [finding for finding in found if report.fails(finding)]
    if failing:
        strictest = max(failing, key=lambda finding: finding.verdict.severity).verdict.value
        message = _heading(failing[0]) if len(failing) == 1 else f"{len(failing)} findings"
        Xml.SubElement(case, "failure", {"type": strictest, "message": message}).text = "\n".join(map(_told, failing))
    rest = [finding for finding in found if not report.fails(finding)]
    if rest:
        Xml.SubElement(case, "system-out").text = "\n".join(map(_told, rest))


def _heading(finding: Finding) -> str:
    return f"{lines(finding.match.output)}: {finding.verdict.value}, {origin_line(finding)}"


def _told(finding: Finding) -> str:
    best = finding.match.origins[0]
    return plain("\n  ".join((_heading(finding), plain_line(best.license), *remarks(finding))))
