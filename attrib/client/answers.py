"""The API's answers as data; a field that a newer server adds is passed over.

Names and meanings are those of the API's reference.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from attrib.actions import Action
from index.matches import MatchKind, SearchStatus


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of a text, counted from 1, both inclusive."""

    start_line: int
    end_line: int


@dataclass(frozen=True, slots=True)
class ExchangedName:
    """A name of the origin and the one that stands in its place."""

    origin: str
    output: str


@dataclass(frozen=True, slots=True)
class LicenseChoice:
    """The licence taken where several are offered, and why."""

    license: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Origin:
    """A place in the reference where the code stands."""

    purl: str
    collection: str
    path: str
    swhid: str
    start_line: int
    end_line: int
    similarity: float
    license: str
    license_evidence: str
    category: str
    copyright: tuple[str, ...]
    url: str | None
    released: str | None
    as_good: bool


@dataclass(frozen=True, slots=True)
class Match:
    """A part of the code that stands in the reference; `origins` are the first ten of `origins_total`, best first."""

    kind: MatchKind
    similarity: float
    lexemes: int
    information_bits: int
    common: bool
    too_little: bool
    sources: int
    unrelated_sources: int
    names: tuple[ExchangedName, ...]
    output: Lines
    origins: tuple[Origin, ...]
    origins_total: int
    verdict: Action
    reasons: tuple[str, ...]
    choice: LicenseChoice | None
    attributed: bool


@dataclass(frozen=True, slots=True)
class Index:
    """What was searched."""

    sources: int
    files: int
    lexemes: int
    revision: str
    collections: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Attribution:
    """What must be shipped with the code."""

    required: bool
    notice: str
    spdx: tuple[str, ...]
    side_file: str | None


@dataclass(frozen=True, slots=True)
class Check:
    """The answer to a check; of `too_short` and `not_code` nothing is known: they are not clean."""

    id: str
    status: SearchStatus
    verdict: Action
    language: str | None
    lexemes: int
    matched_lexemes: int
    index: Index
    matches: tuple[Match, ...]
    attribution: Attribution
    elapsed_ms: float


@dataclass(frozen=True, slots=True)
class Token:
    """A token with its log-probability, and the likeliest alternatives with theirs."""

    token: str
    logprob: float
    alternatives: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class GeneratedChoice:
    """One generated text with its check; `code` is None where the policy blocks it, and then `reasons` says why."""

    code: str | None
    code_with_attribution: str | None
    finish_reason: str
    steered_tokens: int
    attempts: int
    check: Check
    text: str | None = None
    logprobs: tuple[Token, ...] = ()
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Model:
    """The model that wrote."""

    name: str
    architecture: str
    parameters: int | None
    positions: int | None
    device: str
    dtype: str
    fills_in_middle: bool


@dataclass(frozen=True, slots=True)
class Usage:
    """How many tokens were read and written."""

    prompt_tokens: int
    completion_tokens: int


@dataclass(frozen=True, slots=True)
class PromptCut:
    """Tokens that prompt and suffix lost for want of room."""

    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Generation:
    """The answer to a generation."""

    id: str
    model: Model
    choices: tuple[GeneratedChoice, ...]
    usage: Usage
    prompt_cut: PromptCut


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file of a source that is not searched, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Source:
    """A source of the index."""

    purl: str
    collection: str
    url: str | None
    license: str
    license_evidence: str
    copyright: tuple[str, ...]
    files: int
    lexemes: int
    released: str | None
    left_out: tuple[LeftOut, ...]
    added_at: str | None


@dataclass(frozen=True, slots=True)
class SourcePage:
    """Some sources, and the cursor of the page after them; None at the end."""

    sources: tuple[Source, ...]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Record:
    """What was asked and answered, as JSON; `code` is None where it is not kept."""

    id: str
    kind: str
    created_at: str
    status: str
    verdict: str
    index_revision: str
    model: dict[str, Any] | None
    code_hash: str | None
    principal: str | None
    request: dict[str, Any]
    answer: dict[str, Any]
    code: str | None


@dataclass(frozen=True, slots=True)
class WrongField:
    """A field that is wrong; `pointer` leads to it (RFC 6901)."""

    field: str
    pointer: str
    detail: str


@dataclass(frozen=True, slots=True)
class Part:
    """Whether a part of the service can do its work."""

    ok: bool
    reason: str | None


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a request was refused (RFC 9457); `type` is stable, and the address of a page that explains it.

    `parts` are told by a service that is not ready.
    """

    type: str
    title: str
    status: int
    detail: str = ""
    mend: str = ""
    request_id: str | None = None
    errors: tuple[WrongField, ...] = ()
    parts: Mapping[str, Part] | None = None


@dataclass(frozen=True, slots=True)
class BatchAnswer:
    """The answer to one line of a batch: a check, or the problem of this line."""

    line: int
    id: str | int | None
    check: Check | None
    problem: Problem | None
