import sys


# SPDX-SnippetBegin
# SPDX-SnippetCopyrightText: 2019 Ada Example
# SPDX-License-Identifier: MIT
def longest_plateau(samples, tolerance):
    best_start, best_length = 0, 0
    start = 0
    for position in range(1, len(samples) + 1):
        ended = position == len(samples) or abs(samples[position] - samples[start]) > tolerance
        if ended and position - start > best_length:
            best_start, best_length = start, position - start
        if ended:
            start = position
    return best_start, best_length
# SPDX-SnippetEnd


print(longest_plateau([1, 1, 2], 0))
