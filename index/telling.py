"""What tells a copy from code that people write alike: evidence added up, its weights set on human code.

`benchmarks.human_code` says how often it accuses falsely, `benchmarks.quality` what it lets pass. The weights were set
on 1,800 edited, 2,700 renamed and 18,000 human snippets (seeds 11 and 21 to 23, and 1 to 3), in round numbers.
"""

import math
from collections.abc import Sequence
from typing import Final

from index.verify import Passage, share_covered

# The same to the letter, or all but: then little is enough.
ENOUGH_BITS: Final = 100.0
NEARLY_EXACT: Final = 0.97
# A long run among much that is equal, or very much, tells whatever stands between.
MUCH_BITS: Final = 190.0
LONG_RUN_LEXEMES: Final = 32
VERY_MUCH_BITS: Final = 300.0
LEAST_SIMILARITY_OF_VERY_MUCH: Final = 0.55
# Edited: bits, equal lexemes and similarity together. Idioms are short, and alike in single words.
LEAST_BITS: Final = 40.0
LEAST_EQUAL: Final = 60
LEAST_RUN: Final = 6
LEAST_SIMILARITY: Final = 0.65
ENOUGH_EVIDENCE: Final = 150.0
MOST_EQUAL_COUNTED: Final = 100
EXPECTED_SIMILARITY: Final = 0.8
MOST_SIMILARITY_COUNTED: Final = 0.9
POINTS_OF_SIMILARITY: Final = 400.0
# Renamed: structure, how long it is, and in how few places its windows stand; what is edited as well needs more.
LEAST_RENAMED_BITS: Final = 80.0
LEAST_RENAMED_SIMILARITY: Final = 0.75
ENOUGH_RENAMED_EVIDENCE: Final = 205.0
UNEDITED_SIMILARITY: Final = 0.95
POINTS_OF_A_VOTE: Final = 3.0
MOST_VOTES_COUNTED: Final = 15.0
# No name that comes back where it should is needed where the structure goes on for so long.
LONG_STRUCTURE: Final = 60
# An idiom is a part of a text. Where both views have so much of a text in one place, what they say adds up.
WHOLE_SHARE: Final = 0.7
LEAST_TIED_IN_A_WHOLE: Final = 2
ENOUGH_EVIDENCE_OF_A_WHOLE: Final = 220.0


def tells_a_copy(passage: Passage) -> bool:
    """Tell whether a passage of the exact view shares so much that it is a copy."""
    if passage.bits >= MUCH_BITS and passage.longest_run >= LONG_RUN_LEXEMES:
        return True
    return passage.longest_run >= LEAST_RUN and is_enough(passage.bits, passage.equal, passage.similarity)


def is_enough(bits: float, equal: int, similarity: float) -> bool:
    """Tell whether so much in common tells a copy, some of it in a row but none of it in a long one."""
    if bits >= ENOUGH_BITS and similarity >= NEARLY_EXACT:
        return True
    if bits >= VERY_MUCH_BITS and similarity >= LEAST_SIMILARITY_OF_VERY_MUCH:
        return True
    if bits < LEAST_BITS or equal < LEAST_EQUAL or similarity < LEAST_SIMILARITY:
        return False
    alike = min(similarity, MOST_SIMILARITY_COUNTED) - EXPECTED_SIMILARITY
    return bits + min(equal, MOST_EQUAL_COUNTED) + POINTS_OF_SIMILARITY * alike >= ENOUGH_EVIDENCE


def tells_a_renamed_copy(passage: Passage, votes: float) -> bool:
    """Tell whether a passage of the renamed view does; `votes` are those of its keys, which few places share."""
    if passage.bits < LEAST_RENAMED_BITS:
        return False
    return _renamed_evidence(passage, votes) >= ENOUGH_RENAMED_EVIDENCE


def tells_a_renamed_whole(passage: Passage, votes: float, exact: Sequence[Passage], length: int) -> bool:
    """Tell whether a renamed passage and what else is equal in its place are a copy of a text, `length` lexemes long.

    `exact` are the passages of the exact view there: words in strings and comments, names that were kept, code
    that had none.
    """
    if passage.tied_names < LEAST_TIED_IN_A_WHOLE or share_covered((passage, *exact), length) < WHOLE_SHARE:
        return False
    beside = sum(one.bits for one in exact)
    return _renamed_evidence(passage, votes) + beside >= ENOUGH_EVIDENCE_OF_A_WHOLE


def _renamed_evidence(passage: Passage, votes: float) -> float:
    """Return what structure tells, less where it was edited as well; below nothing where it tells nothing at all."""
    if passage.similarity < LEAST_RENAMED_SIMILARITY:
        return -math.inf
    if not passage.tied_names and passage.longest_run < LONG_STRUCTURE:
        return -math.inf
    evidence = passage.bits + passage.equal + POINTS_OF_A_VOTE * min(votes, MOST_VOTES_COUNTED)
    return evidence - POINTS_OF_SIMILARITY * max(0.0, UNEDITED_SIMILARITY - passage.similarity)
