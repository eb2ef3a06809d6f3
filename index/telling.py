"""What tells a copy from code that people write alike: rules over what a passage shares, each measured on human code.

`benchmarks.human_code` says how often they accuse falsely, `benchmarks.quality` what they let pass.
"""

from typing import Final

from index.verify import Passage

ENOUGH_BITS: Final = 100.0
# The same to the letter, or all but: then little is enough.
NEARLY_EXACT: Final = 0.97
# Edited: idioms are short, and seldom have a long run in common.
MUCH_BITS: Final = 190.0
LONG_RUN_LEXEMES: Final = 32
LONG_CODE_LEXEMES: Final = 60
ENOUGH_SIMILARITY: Final = 0.65
ENOUGH_WEIGHTED_SIMILARITY: Final = 0.4
# Renamed: structure that stands in few places, by the votes of its keys, needs less of it.
ENOUGH_RENAMED_BITS: Final = 140.0
ENOUGH_RARE_RENAMED_BITS: Final = 120.0
RARE_RENAMED_SCORE: Final = 3.0
ENOUGH_RENAMED_SIMILARITY: Final = 0.75
LEAST_TIED_NAMES: Final = 2


def tells_a_copy(passage: Passage) -> bool:
    """Tell whether a passage of the exact view shares so much that it is a copy."""
    if passage.bits >= MUCH_BITS and passage.longest_run >= LONG_RUN_LEXEMES:
        return True
    if passage.bits < ENOUGH_BITS or passage.similarity < ENOUGH_SIMILARITY:
        return False
    if passage.similarity >= NEARLY_EXACT or passage.bits >= MUCH_BITS:
        return True
    return passage.equal >= LONG_CODE_LEXEMES and passage.weighted_similarity >= ENOUGH_WEIGHTED_SIMILARITY


def tells_a_renamed_copy(passage: Passage, score: float) -> bool:
    """Tell whether a passage of the renamed view does; `score` sums the votes of its keys."""
    enough = ENOUGH_RARE_RENAMED_BITS if score >= RARE_RENAMED_SCORE else ENOUGH_RENAMED_BITS
    return (
        passage.tied_names >= LEAST_TIED_NAMES
        and passage.bits >= enough
        and passage.similarity >= ENOUGH_RENAMED_SIMILARITY
    )
