"""The notice of a stored record, in any format: what was answered then is what is written now."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attrib.answers import Action
from attrib.audits.findings import CLEARED, Standing
from attrib.notices import text
from attrib.notices.document import document_of
from attrib.notices.entries import LegalFiles, Place, Reproduction, entries_of, is_modified
from attrib.notices.formats import NoticeFormat
from attrib.records import Record, RecordKind
from attrib.stored_matches import stored_choice
from index.matches import MatchKind


def record_notice(record: Record, form: NoticeFormat, legal_files: LegalFiles) -> str:
    """Return the notice of everything in a record that was not withheld; '' where none is needed.

    The texts come from the index. Where that no longer gives the notice that was answered, because a source was removed
    or read anew since, the answered text is written as it stands, in one piece.
    """
    answers = list(_answers(record))
    entries = [entries_of(_reproductions(answer), legal_files) for answer in answers]
    stored = [str(answer["attribution"]["notice"]) for answer in answers]
    if [text.render(document_of(one)) for one in entries] == stored:
        return form.render(document_of(entry for one in entries for entry in one))
    return form.verbatim("\n".join(notice for notice in dict.fromkeys(stored) if notice))


def _answers(record: Record) -> Iterator[Mapping[str, Any]]:
    if record.kind is RecordKind.GENERATION:
        yield from (choice["check"] for choice in record.answer["choices"] if choice["code"] is not None)
    else:
        yield record.answer


def _reproductions(answer: Mapping[str, Any]) -> Iterable[Reproduction]:
    findings = (one for one in answer.get("findings") or () if not _needs_no_notice(one))
    for match in answer.get("matches") or findings:
        action = Action(match.get("judged", match)["verdict"])
        if not (action.asks_for_credit or (action is Action.ALLOW and match.get("attributed", False))):
            continue
        best = match["origins"][0]
        modified = is_modified(MatchKind(match["kind"]))
        place = Place(best["path"], best["start_line"], best["end_line"], modified)
        yield Reproduction(best["purl"], place, best["license"], tuple(best["copyright"]), stored_choice(match))


def _needs_no_notice(finding: Mapping[str, Any]) -> bool:
    provenance, decision = finding.get("provenance"), finding.get("decision")
    own = provenance is not None and provenance["standing"] == Standing.OWN
    return own or (decision is not None and decision["decision"] in CLEARED)
