"""The answers of the contract as JSON: the types that `as_json` returns, and from which the API's document is made.

A field's `Doc` is what the reference says of it.
"""

from typing import Annotated, NotRequired

from typing_extensions import Doc, TypedDict

from attrib.actions import Action
from attrib.licenses import Category
from generator.base import FinishReason
from index.collection import Collection
from index.matches import MatchKind, SearchStatus


class LinesJson(TypedDict):
    """Lines of a text, counted from 1, both inclusive."""

    start_line: int
    end_line: int


class NamesJson(TypedDict):
    """A name of the origin and the one that stands in its place."""

    origin: str
    output: str


class ChoiceOfLicenseJson(TypedDict):
    """The licence taken where several are offered."""

    license: Annotated[str, Doc("SPDX expression.")]
    reason: Annotated[str | None, Doc("Why this one; null where there was no choice.")]


class OriginJson(TypedDict):
    """A place in the reference where the code stands."""

    purl: Annotated[str, Doc("The source, as a package URL.")]
    collection: Annotated[Collection, Doc("The part of the index it is in.")]
    path: Annotated[str, Doc("The file's path in the source.")]
    swhid: Annotated[str, Doc("The Software Heritage id of the file's content.")]
    start_line: int
    end_line: int
    similarity: Annotated[float, Doc("Share of equal lexemes, from 0 to 1.")]
    license: Annotated[str, Doc("SPDX expression.")]
    license_evidence: Annotated[str, Doc("Where the licence is stated.")]
    category: Annotated[Category, Doc("How much the licence asks for.")]
    copyright: list[str]
    url: str | None
    released: Annotated[str | None, Doc("Date of release, such as 2026-11-24, where it is known.")]
    as_good: Annotated[bool, Doc("Whether the code stands there as fully and as closely as in the best origin.")]


class MatchJson(TypedDict):
    """A part of the code that stands in the reference."""

    kind: MatchKind
    similarity: Annotated[float, Doc("Share of equal lexemes, from 0 to 1.")]
    lexemes: Annotated[int, Doc("Words and signs of the matched part.")]
    information_bits: Annotated[int, Doc("How much the part says; little is likely to be written twice.")]
    common: Annotated[bool, Doc("Asks for nothing, for it says little or stands widely.")]
    too_little: Annotated[bool, Doc("Common because it says too little to tell a copy.")]
    sources: Annotated[int, Doc("Sources that hold it.")]
    unrelated_sources: Annotated[int, Doc("The same, versions and forks of one another counted once.")]
    names: Annotated[list[NamesJson], Doc("Names that a renamed copy exchanged, in the order of the origin.")]
    output: Annotated[LinesJson, Doc("Where it stands in the code.")]
    origins: Annotated[list[OriginJson], Doc("The first ten, best first.")]
    origins_total: Annotated[int, Doc("How many origins the record keeps.")]
    verdict: Action
    reasons: Annotated[list[str], Doc("Why the verdict is what it is.")]
    choice: ChoiceOfLicenseJson | None
    attributed: Annotated[bool, Doc("Tags in the code give the credit already.")]


class IndexJson(TypedDict):
    """What was searched."""

    sources: int
    files: int
    lexemes: int
    revision: Annotated[str, Doc("Changes whenever the index does.")]
    collections: list[Collection]


class AttributionJson(TypedDict):
    """What must be shipped with the code."""

    required: bool
    notice: Annotated[str, Doc("Full text to ship; empty where none is needed.")]
    spdx: Annotated[list[str], Doc("The licences in it.")]
    side_file: Annotated[str | None, Doc("Text of FILE.license, for code that cannot carry tags.")]


class CheckJson(TypedDict):
    """The answer to a check."""

    id: Annotated[str, Doc("The record, stored before the answer left.")]
    status: Annotated[
        SearchStatus,
        Doc(
            "`too_short` and `not_code` were not decided: they are not clean. "
            "About `incomplete` code only part of the index could be asked."
        ),
    ]
    verdict: Annotated[Action, Doc("The strictest of the matches. Of `incomplete` code it is `review` at the least.")]
    language: str | None
    lexemes: Annotated[int, Doc("Words and signs of the code.")]
    matched_lexemes: int
    index: IndexJson
    matches: Annotated[list[MatchJson], Doc("In the order of the code.")]
    attribution: AttributionJson
    elapsed_ms: float


class TokenJson(TypedDict):
    """A token with its log-probability, and the likeliest alternatives as pairs of text and log-probability."""

    token: str
    logprob: float
    alternatives: list[tuple[str, float]]


class GeneratedChoiceJson(TypedDict):
    """One generated text with its check."""

    code: Annotated[str | None, Doc("Null where the policy blocks it; then `reasons` says why.")]
    code_with_attribution: Annotated[str | None, Doc("The code with REUSE snippet tags around what is copied.")]
    finish_reason: FinishReason
    steered_tokens: Annotated[int, Doc("Tokens that were turned away from code that the policy blocks.")]
    attempts: Annotated[int, Doc("How many seeds were tried.")]
    check: CheckJson
    text: NotRequired[Annotated[str, Doc("The whole answer in words that the code was taken from.")]]
    logprobs: NotRequired[list[TokenJson]]
    reasons: NotRequired[Annotated[list[str], Doc("Why the code is withheld.")]]


class ModelJson(TypedDict):
    """The model that wrote."""

    name: str
    architecture: str
    parameters: int | None
    positions: Annotated[int | None, Doc("Most tokens that prompt and answer may have together.")]
    device: str
    dtype: str
    fills_in_middle: bool


class UsageJson(TypedDict):
    """How many tokens were read and written."""

    prompt_tokens: int
    completion_tokens: int


class PromptCutJson(TypedDict):
    """Tokens that the prompt lost at its beginning, and the suffix at its end, for want of room."""

    before: int
    after: int


class GenerateJson(TypedDict):
    """The answer to a generation."""

    id: Annotated[str, Doc("The record, stored before the answer left.")]
    model: ModelJson
    choices: list[GeneratedChoiceJson]
    usage: UsageJson
    prompt_cut: PromptCutJson
