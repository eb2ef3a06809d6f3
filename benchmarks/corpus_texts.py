"""The texts of the corpus as the quality benchmarks read them, and other people's code to put around copies."""

import itertools
import random
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from benchmarks.reference_corpus import CodeFile
from benchmarks.snippets import SnippetStream, passed_over, whole_statements
from benchmarks.treatments import Surroundings, logical_lines
from index.reference_index import ReferenceIndex

_HOST_LEXEMES = 150
_HOSTS_A_LANGUAGE = 40
_FEWEST_HOSTS = 5
_REMEMBERED = 2_000
_STAND_IN = "JavaScript"


class CorpusTexts:
    """Reference and foreign files, and how to read either: UTF-8 with LF line ends, or None."""

    def __init__(
        self, index: ReferenceIndex, reference: Sequence[CodeFile], foreign: Sequence[tuple[CodeFile, Path]]
    ) -> None:
        self.reference = reference
        self.foreign = [file for file, _ in foreign]
        self.index = index
        self._places = {(file.purl, file.path): place for file, place in foreign}
        self.read = lru_cache(_REMEMBERED)(self._text)

    def _text(self, file: CodeFile) -> str | None:
        place = self._places.get((file.purl, file.path))
        data = self.index.reference_text(file.swhid) if place is None else place.read_bytes()
        try:
            return data.decode().removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
        except UnicodeDecodeError:
            return None


class Hosts:
    """Foreign code by language; where a language has next to none, that of another stands in."""

    def __init__(self, texts: CorpusTexts, seed: int) -> None:
        self._texts, self._seed = texts, seed
        self._of: dict[str, list[str]] = {}
        self._surroundings: dict[str, Surroundings] = {}
        self._files: dict[str, list[CodeFile]] = defaultdict(list)
        for file in texts.foreign:
            self._files[file.language].append(file)

    def of(self, language: str) -> list[str]:
        """Return pieces of foreign code in a language."""
        if language not in self._of:
            files = self._files[language]
            stream = SnippetStream(files, self._texts.read, whole_statements, _HOST_LEXEMES, self._seed, passed_over)
            hosts = [snippet.text for snippet in itertools.islice(stream, _HOSTS_A_LANGUAGE)]
            self._of[language] = hosts if len(hosts) >= _FEWEST_HOSTS else self.of(_STAND_IN)
        return self._of[language]

    def surroundings(self, language: str) -> Surroundings:
        """Return statements of foreign code in a language."""
        if language not in self._surroundings:
            lines = (line.strip() for host in self.of(language) for line in logical_lines(host))
            statements = sorted({line for line in lines if 12 < len(line) < 100 and line[0].isalpha()})
            random.Random(self._seed).shuffle(statements)
            self._surroundings[language] = Surroundings(statements or ["report(outcome);"])
        return self._surroundings[language]
