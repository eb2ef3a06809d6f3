"""From what the index found to what must be said about it: licence, copyright, verdict, notice."""

from collections.abc import Iterable, Sequence
from datetime import date

from attrib.answers import Action, AttributedMatch, AttributedOrigin, Attribution, CheckAnswer, strictest
from attrib.errors import UnknownLicense
from attrib.judgement import NOT_JUDGED, judged
from attrib.licenses import category_of, license_ids
from attrib.notices import text
from attrib.notices.document import document_of
from attrib.notices.entries import LegalFiles, NoticeEntry, Place, Reproduction, entries_of, is_modified
from attrib.policy import Policy
from attrib.policy_exceptions import today
from attrib.safe_lines import safe_starts
from attrib.side_files import side_file
from attrib.snippet_tags import Snippet, tag_snippets, untaggable
from index.languages import language_named, language_of
from index.matches import Match, MatchKind, MatchOrigin
from index.origin_ranking import as_good
from index.ranking import COMMON_SOURCES
from index.telling import MUCH_BITS, is_enough


def attribute(match: Match, policy: Policy, path: str | None = None, on: date | None = None) -> AttributedMatch:
    """Return a match with its verdict; `path` is the checked file's as the policy's globs have it, `on` the day."""
    best = match.origins[0]
    return judged(
        AttributedMatch(
            kind=match.kind,
            output=match.output,
            similarity=match.similarity,
            lexemes=match.lexemes,
            information_bits=match.information_bits,
            common=match.common,
            sources=match.sources,
            origins=tuple(_origin(origin, best) for origin in match.origins),
            verdict=NOT_JUDGED,
            names=match.names,
            unrelated_sources=match.unrelated_sources,
            too_little=match.common and _says_too_little(match),
        ),
        policy,
        path,
        on or today(),
    )


def _says_too_little(match: Match) -> bool:
    """Tell which of the two reasons the index had to call a match common; code that stands everywhere may have both."""
    if match.unrelated_sources < COMMON_SOURCES:
        return True
    if match.kind is MatchKind.RENAMED or match.information_bits >= MUCH_BITS:
        return False
    return not is_enough(match.information_bits, match.lexemes, match.similarity)


def verdict_of(matches: Iterable[AttributedMatch]) -> Action:
    """Return the strictest verdict of the matches; allow when there are none."""
    return strictest([match.verdict.action for match in matches])


def attribution_of(
    matches: Sequence[AttributedMatch], legal_files: LegalFiles, side_text: str | None = None
) -> Attribution:
    """Return what to ship with code that has these matches: the notice, and the side file where one is needed."""
    entries = notice_entries(matches, legal_files)
    licences = {license_id for entry in entries for license_id in _ids(entry.license_expression)}
    notice = text.render(document_of(entries))
    return Attribution(required=bool(entries), notice=notice, spdx=tuple(sorted(licences)), side_file=side_text)


def notice_entries(matches: Iterable[AttributedMatch], legal_files: LegalFiles) -> list[NoticeEntry]:
    """Return what the notice must hold: every match that asks for anything and may be used, by its best origin."""
    return entries_of(
        (
            Reproduction(
                origin.purl,
                Place(origin.path, origin.reference.start_line, origin.reference.end_line, is_modified(match.kind)),
                origin.license,
                origin.copyright,
                match.verdict.choice,
            )
            for match in matches
            if match.needs_credit
            for origin in match.origins[:1]
        ),
        legal_files,
    )


def side_file_for(matches: Iterable[AttributedMatch], language: str | None, path: str | None) -> str | None:
    """Return the text of the file FILE.license that goes with code which cannot carry tags; None where it can.

    Of a file whose name tells no language, nobody knows what a comment looks like; code without a name is taken to be
    in the language of what it matches.
    """
    wanted = [match for match in matches if match.needs_credit]
    if not wanted or untaggable(tag_language(language, path, wanted[0].origins[0].path)) is None:
        return None
    return side_file(snippet_of(match) for match in wanted)


def tag_language(language: str | None, path: str | None, origin_path: str) -> str | None:
    """Return the name of the language whose comments tags are written in; None where nobody can say."""
    return language or (language_name(origin_path) if path is None else None)


def snippet_of(match: AttributedMatch) -> Snippet:
    """Return the range of the checked text that a match covers, with the credit of its best origin."""
    best = match.origins[0]
    return Snippet(match.output.start_line, match.output.end_line, best.copyright, best.license)


def tagged_code(text: str, check: CheckAnswer, prompt: str, suffix: str | None) -> str:
    """Return generated code with REUSE snippet tags around each range that must be attributed.

    The tags stand on whole lines of the generated code where a comment may stand in the whole document: a range that
    begins inside a string or a statement of the prompt is tagged from the first line after it.
    """
    wanted = [match for match in check.matches if match.needs_credit]
    name = next((tag_language(check.language, None, match.origins[0].path) for match in wanted), None)
    language = language_named(name) if name and untaggable(name) is None else None
    if language is None or not wanted:
        return text
    after = suffix or ""
    document = prompt + text + after
    first = prompt.count("\n") + 1
    last = first + text.count("\n") - (1 if after and not after.startswith("\n") else 0)
    own = range(first + (1 if prompt and not prompt.endswith("\n") else 0), last + 1)
    starts = safe_starts(document, language)
    snippets = [
        snippet
        for match in wanted
        if (snippet := _inside(match, first - 1, own, starts)) and snippet.start_line <= snippet.end_line
    ]
    tagged = tag_snippets(document, name, snippets)
    if not (tagged.startswith(prompt) and tagged.endswith(after)):
        return text
    return tagged[len(prompt) : len(tagged) - len(after)]


def _inside(match: AttributedMatch, offset: int, own: range, starts: Sequence[int]) -> Snippet:
    """Return a match's range in lines of the document, from safe line to safe line of the generated part."""
    begin, end = match.output.start_line + offset, match.output.end_line + offset
    before = [line for line in starts if line in own and line <= begin]
    behind = [line for line in starts if line in own and line > begin]
    closing = [line - 1 for line in starts if end < line <= own.stop]
    closed = [line - 1 for line in starts if line <= min(end, own.stop)]
    final = own.stop - 1 if end >= own.stop - 1 and (own.stop in starts or not closing) else 0
    return Snippet(
        start_line=before[-1] if before else behind[0] if behind else own.stop,
        end_line=min(closing) if closing else final or max(closed, default=0),
        copyright=match.origins[0].copyright,
        license_expression=match.origins[0].license,
    )


def language_name(path: str) -> str | None:
    """Return the name of the language a path is written in."""
    language = language_of(path)
    return language.name if language else None


def _origin(origin: MatchOrigin, best: MatchOrigin) -> AttributedOrigin:
    file = origin.file
    return AttributedOrigin(
        purl=file.purl,
        path=file.path,
        swhid=file.swhid,
        reference=origin.reference,
        similarity=origin.similarity,
        license=file.license_expression,
        license_evidence=file.license_evidence,
        category=category_of(file.license_expression),
        copyright=file.copyright,
        url=file.url,
        released=file.released,
        as_good=_as_good(origin, best),
        collection=file.collection,
    )


def _as_good(origin: MatchOrigin, best: MatchOrigin) -> bool:
    renamed = (origin.kind is MatchKind.RENAMED) == (best.kind is MatchKind.RENAMED)
    return renamed and as_good(origin.lexemes, origin.similarity, best.lexemes, best.similarity)


def _ids(expression: str) -> tuple[str, ...]:
    try:
        return license_ids(expression)
    except UnknownLicense:
        return (expression,)
