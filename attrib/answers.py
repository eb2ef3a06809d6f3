"""What Attrib answers to a check and to a generation: the contract's JSON, as data."""

from dataclasses import dataclass, replace
from datetime import date

from attrib.actions import Action, strictest
from attrib.answer_json import (
    AttributionJson,
    CheckJson,
    ChoiceOfLicenseJson,
    GeneratedChoiceJson,
    GenerateJson,
    IndexJson,
    MatchJson,
    ModelJson,
    OriginJson,
    UsageJson,
)
from attrib.licenses import Category, Choice
from generator.base import FinishReason, ModelDescription, TokenLogprob
from index.collection import Collection
from index.matches import MatchKind, SearchStatus, Span

__all__ = (
    "ANSWERED_ORIGINS",
    "AUDITED_ORIGINS",
    "Action",
    "AttributedMatch",
    "AttributedOrigin",
    "Attribution",
    "CheckAnswer",
    "GenerateAnswer",
    "GeneratedChoice",
    "IndexState",
    "Verdict",
    "least_verdict",
    "model_json",
    "strictest",
)

# Of the origins of a match so many stand in an answer.
ANSWERED_ORIGINS = 10
# So many of them are kept in the record of an audit, which may have thousands of findings; other records keep all.
AUDITED_ORIGINS = 100


def least_verdict(status: SearchStatus) -> Action:
    """Return what a text is judged at the least: what part of the index was not asked about, somebody must look at."""
    return Action.REVIEW if status is SearchStatus.INCOMPLETE else Action.ALLOW


@dataclass(frozen=True, slots=True)
class Verdict:
    """An action and the reasons for it, in words a person can read; `choice` is how the policy resolved an OR."""

    action: Action
    reasons: tuple[str, ...]
    choice: Choice | None = None


@dataclass(frozen=True, slots=True)
class AttributedOrigin:
    """A place the code stands in, with its licence, its evidence and its copyright; `released` where that is known.

    `as_good` says that the code stands there as fully and as closely as in the best origin, and not under other names
    only: it may as well come from there.
    """

    purl: str
    path: str
    swhid: str
    reference: Span
    similarity: float
    license: str
    license_evidence: str
    category: Category
    copyright: tuple[str, ...]
    url: str | None
    released: date | None = None
    as_good: bool = False
    collection: Collection = Collection.PERMISSIVE

    def as_json(self) -> OriginJson:
        """Return the contract's `origins` element."""
        return {
            "purl": self.purl,
            "collection": self.collection,
            "path": self.path,
            "swhid": self.swhid,
            "start_line": self.reference.start_line,
            "end_line": self.reference.end_line,
            "similarity": round(self.similarity, 3),
            "license": self.license,
            "license_evidence": self.license_evidence,
            "category": self.category,
            "copyright": list(self.copyright),
            "url": self.url,
            "released": self.released.isoformat() if self.released else None,
            "as_good": self.as_good,
        }


@dataclass(frozen=True, slots=True)
class AttributedMatch:
    """A match with its verdict; origins are best first and never empty.

    `common` says that it asks for nothing because of how little it says or how widely it stands; `too_little` that by
    the index's measure it says too little to tell a copy. `names` are those a renamed match exchanged, (in the best
    origin, in the output), in the order of the origin. `attributed` says that REUSE tags in the checked
    code give the credit already.
    """

    kind: MatchKind
    output: Span
    similarity: float
    lexemes: int
    information_bits: float
    common: bool
    sources: int
    origins: tuple[AttributedOrigin, ...]
    verdict: Verdict
    names: tuple[tuple[str, str], ...] = ()
    unrelated_sources: int = 1
    too_little: bool = False
    attributed: bool = False

    @property
    def needs_credit(self) -> bool:
        """Whether the notice must name it: its licence asks for it, be it given in the code already or not."""
        return self.verdict.action.asks_for_credit or (self.attributed and self.verdict.action is Action.ALLOW)

    def moved(self, lines: int, offset: int) -> "AttributedMatch":
        """Return the match of a part of a text as one of the whole, where the part begins so much further on."""
        output = self.output
        span = Span(
            output.start_line + lines, output.end_line + lines, output.start_byte + offset, output.end_byte + offset
        )
        return replace(self, output=span)

    def as_json(self, most_origins: int = ANSWERED_ORIGINS) -> MatchJson:
        """Return the contract's `matches` element."""
        return {
            "kind": self.kind,
            "similarity": round(self.similarity, 3),
            "lexemes": self.lexemes,
            "information_bits": round(self.information_bits),
            "common": self.common,
            "too_little": self.too_little,
            "sources": self.sources,
            "unrelated_sources": self.unrelated_sources,
            "names": [{"origin": theirs, "output": ours} for theirs, ours in self.names],
            "output": {"start_line": self.output.start_line, "end_line": self.output.end_line},
            "origins": [origin.as_json() for origin in self.origins[:most_origins]],
            "origins_total": len(self.origins),
            "verdict": self.verdict.action,
            "reasons": list(self.verdict.reasons),
            "choice": _choice_json(self.verdict.choice),
            "attributed": self.attributed,
        }


def _choice_json(choice: Choice | None) -> ChoiceOfLicenseJson | None:
    return None if choice is None else {"license": choice.expression, "reason": choice.said}


@dataclass(frozen=True, slots=True)
class IndexState:
    """How much reference code was searched, and which collections of it."""

    sources: int
    files: int
    lexemes: int
    revision: str
    collections: tuple[Collection, ...] = (Collection.PERMISSIVE,)

    def as_json(self) -> IndexJson:
        """Return the contract's `index` object."""
        return {
            "sources": self.sources,
            "files": self.files,
            "lexemes": self.lexemes,
            "revision": self.revision,
            "collections": list(self.collections),
        }


@dataclass(frozen=True, slots=True)
class Attribution:
    """What must be shipped with the code: the notice and the licences in it.

    `side_file` is the text of FILE.license (REUSE 3.3) where the code cannot carry tags itself.
    """

    required: bool
    notice: str
    spdx: tuple[str, ...]
    side_file: str | None = None

    def as_json(self) -> AttributionJson:
        """Return the contract's `attribution` object."""
        return {"required": self.required, "notice": self.notice, "spdx": list(self.spdx), "side_file": self.side_file}


@dataclass(frozen=True, slots=True)
class CheckAnswer:
    """The answer to a check; `id` names its stored record."""

    id: str
    status: SearchStatus
    verdict: Action
    language: str | None
    lexemes: int
    matched_lexemes: int
    index: IndexState
    matches: tuple[AttributedMatch, ...]
    attribution: Attribution
    elapsed_ms: float

    def as_json(self, most_origins: int = ANSWERED_ORIGINS) -> CheckJson:
        """Return the contract's answer to a check."""
        return {
            "id": self.id,
            "status": self.status,
            "verdict": self.verdict,
            "language": self.language,
            "lexemes": self.lexemes,
            "matched_lexemes": self.matched_lexemes,
            "index": self.index.as_json(),
            "matches": [match.as_json(most_origins) for match in self.matches],
            "attribution": self.attribution.as_json(),
            "elapsed_ms": round(self.elapsed_ms, 3),
        }


@dataclass(frozen=True, slots=True)
class GeneratedChoice:
    """One generated text with its check; a blocked choice has no code.

    `text` is a whole answer in words of which `code` is the code; `attempts` counts the seeds that were tried, and
    `steered_tokens` the tokens that were turned away from a blocked source.
    """

    code: str | None
    code_with_attribution: str | None
    finish_reason: FinishReason
    check: CheckAnswer
    text: str | None = None
    steered_tokens: int = 0
    attempts: int = 1
    logprobs: tuple[TokenLogprob, ...] = ()

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why the code is withheld; empty where it is not."""
        blocking = (match.verdict for match in self.check.matches if match.verdict.action is Action.BLOCK)
        return tuple(sorted({reason for verdict in blocking for reason in verdict.reasons}))

    def as_json(self, most_origins: int = ANSWERED_ORIGINS) -> GeneratedChoiceJson:
        """Return the contract's `choices` element."""
        answer: GeneratedChoiceJson = {
            "code": self.code,
            "code_with_attribution": self.code_with_attribution,
            "finish_reason": self.finish_reason,
            "steered_tokens": self.steered_tokens,
            "attempts": self.attempts,
            "check": self.check.as_json(most_origins),
        }
        if self.text is not None:
            answer["text"] = self.text
        if self.logprobs:
            answer["logprobs"] = [
                {"token": one.token, "logprob": one.logprob, "alternatives": list(one.alternatives)}
                for one in self.logprobs
            ]
        if self.code is None:
            answer["reasons"] = list(self.reasons)
        return answer


def model_json(model: ModelDescription) -> ModelJson:
    """Return the contract's `model` object."""
    return {
        "name": model.name,
        "architecture": model.architecture,
        "parameters": model.parameters,
        "positions": model.positions,
        "device": model.device,
        "dtype": model.dtype,
        "fills_in_middle": model.fills_in_middle,
    }


@dataclass(frozen=True, slots=True)
class GenerateAnswer:
    """The answer to a generation; `id` names its stored record.

    `cut_before` and `cut_after` are tokens that prompt and suffix lost at their far ends, for want of room.
    """

    id: str
    model: ModelJson
    choices: tuple[GeneratedChoice, ...]
    usage: UsageJson
    cut_before: int = 0
    cut_after: int = 0

    def as_json(self, most_origins: int = ANSWERED_ORIGINS) -> GenerateJson:
        """Return the contract's answer to a generation."""
        return {
            "id": self.id,
            "model": self.model,
            "choices": [choice.as_json(most_origins) for choice in self.choices],
            "usage": self.usage,
            "prompt_cut": {"before": self.cut_before, "after": self.cut_after},
        }
