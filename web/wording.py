"""What statuses, verdicts and kinds of match are called on the pages, and what they mean."""

from dataclasses import dataclass

from attrib.answers import Action
from attrib.audits.store import AuditState
from attrib.licenses import Category
from attrib.records import RecordKind
from index.collection import Collection
from index.matches import MatchKind, SearchStatus


@dataclass(frozen=True, slots=True)
class Wording:
    """A short label and a sentence that explains it."""

    label: str
    meaning: str


STATUSES: dict[SearchStatus, Wording] = {
    SearchStatus.MATCHED: Wording(
        "Known code found",
        "Parts of this code stand in open source that the index holds; they are marked in it.",
    ),
    SearchStatus.CLEAN: Wording(
        "Nothing found",
        "The code was searched for and nothing like it stands in the index as it is now. "
        "That is no proof that it is new: only the sources in the index were looked through.",
    ),
    SearchStatus.TOO_SHORT: Wording(
        "Too short to tell",
        "There are too few words and signs for a match to mean anything, so this says neither that the code is "
        "known nor that it is new. Check it together with the code around it.",
    ),
    SearchStatus.NOT_CODE: Wording(
        "Not code",
        "The text is empty, or it is data rather than code, so it was not searched and nothing is known about it.",
    ),
    SearchStatus.INCOMPLETE: Wording(
        "Not searched for everywhere",
        "Part of the index could not be asked just now. What was found stands there, and there may be more: this is "
        "not known to be clean. Check it again in a while.",
    ),
}

VERDICTS: dict[Action, Wording] = {
    Action.ALLOW: Wording("Nothing asked", "It may be used as it is."),
    Action.ATTRIBUTE: Wording("Give credit", "It may be used when its notice goes with it."),
    Action.REVIEW: Wording("Have it reviewed", "Somebody who knows licences should look before it is used."),
    Action.BLOCK: Wording("Do not use", "The policy here does not allow it."),
}

KINDS: dict[MatchKind, Wording] = {
    MatchKind.EXACT: Wording("Exact copy", "Every word and sign is the same; only layout may differ."),
    MatchKind.NEAR: Wording("Near copy", "Most words and signs are the same, with small changes between."),
    MatchKind.RENAMED: Wording(
        "Copy with other names",
        "The same code step by step, written with other names; numbers and texts in it may differ, too.",
    ),
}

WITHOUT_VERDICT = "Nothing found, or too little to tell"

RECORD_KINDS: dict[RecordKind, Wording] = {
    RecordKind.CHECK: Wording("Check", "Code that somebody had."),
    RecordKind.GENERATION: Wording("Generation", "Code that a model wrote."),
    RecordKind.AUDIT: Wording("Audit", "A whole folder or archive."),
}

CATEGORIES: dict[Category, Wording] = {
    Category.PUBLIC_DOMAIN: Wording("Public domain", "It asks for nothing."),
    Category.PERMISSIVE: Wording("Permissive", "It asks for credit."),
    Category.WEAK_COPYLEFT: Wording("Weak copyleft", "Changed files stay under its licence."),
    Category.UNKNOWN: Wording("Unknown", "Its licence is on no list."),
    Category.COPYLEFT: Wording("Copyleft", "What it is part of comes under its licence."),
    Category.RESTRICTED: Wording("Restricted", "It may not be used for everything."),
}

COLLECTIONS: dict[Collection, str] = {
    Collection.PERMISSIVE: "code that may be used by whoever ships its notice",
    Collection.RESTRICTED: "code that is held only so that a copy of it can be told",
}

AUDIT_STATES: dict[AuditState, Wording] = {
    AuditState.QUEUED: Wording("Waits", "It begins when the audits before it are through."),
    AuditState.RUNNING: Wording("Runs", "Every file is compared with the index, one after another."),
    AuditState.DONE: Wording("Done", "Every file was looked at, or is named as left out."),
    AuditState.FAILED: Wording("Failed", "It ended without a report."),
    AuditState.CANCELLED: Wording("Cancelled", "It was ended by hand, without a report."),
    AuditState.INTERRUPTED: Wording(
        "Interrupted", "The process that ran it ended. Nothing was found out; send the archive again."
    ),
}

FINISHES: dict[str, str] = {
    "stop": "ended by itself",
    "length": "cut at the longest answer",
    "cancelled": "cancelled",
}
