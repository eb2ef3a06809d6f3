"""What its authors asked to leave out: sources by pattern, single contents by SWHID."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from index.errors import UnusablePattern
from index.purls import covers, is_content, source_pattern


@dataclass(frozen=True, slots=True)
class OptOut:
    """A pattern that is never to be in the index again, since when (UTC) and why; the reason may be empty."""

    pattern: str
    reason: str
    since: datetime

    @property
    def names_content(self) -> bool:
        """Whether a single content is meant, wherever it stands."""
        return is_content(self.pattern)

    @property
    def refusal(self) -> str:
        """The reason that everything it covers is refused with."""
        which = f" as {self.pattern}" if self.names_content else ""
        why = f": {self.reason}" if self.reason else ""
        return f"opted out on {self.since:%Y-%m-%d}{which}{why}"


@dataclass(frozen=True, slots=True)
class OptedOut:
    """What an opt-out took from the index: whole sources, and single files of others."""

    opt_out: OptOut
    sources: tuple[str, ...]
    files: int


class OptOuts:
    """Every opt-out of an index, asked by purl or by SWHID."""

    def __init__(self, opt_outs: Iterable[OptOut]) -> None:
        self._contents: dict[str, OptOut] = {}
        self._sources: list[OptOut] = []
        for one in opt_outs:
            if one.names_content:
                self._contents[one.pattern] = one
            else:
                self._sources.append(one)

    def refusal(self, name: str) -> str | None:
        """Return the reason that a purl or the SWHID of a content is refused with; None when it may be admitted."""
        if name in self._contents:
            return self._contents[name].refusal
        return next((one.refusal for one in self._sources if covers(one.pattern, name)), None)


def opt_out_pattern(text: str) -> str:
    """Return what may be opted out, spelt as the catalogue spells it; raises UnusablePattern."""
    if is_content(text):
        return text
    if text.startswith("swh:"):
        raise UnusablePattern(f"{text[:80]!r} is no content: give its SWHID, swh:1:cnt: and 40 hexadecimal digits.")
    return source_pattern(text)


def as_utc(moment: datetime) -> datetime:
    """Return a moment as the database gave it in UTC: SQLite does not keep its zone, PostgreSQL answers in any."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
