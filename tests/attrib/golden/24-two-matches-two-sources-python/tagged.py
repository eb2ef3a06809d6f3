# SPDX-SnippetBegin
# SPDX-SnippetCopyrightText: 2014 Una Probe
# SPDX-License-Identifier: MIT
def bresenham(x, y, end_x, end_y):
    step_x, step_y = (1 if x < end_x else -1), (1 if y < end_y else -1)
    delta_x, delta_y = abs(end_x - x), -abs(end_y - y)
    error = delta_x + delta_y
    while True:
        yield x, y
        if (x, y) == (end_x, end_y):
            return
        twice = 2 * error
        if twice >= delta_y:
            error, x = error + delta_y, x + step_x
        if twice <= delta_x:
            error, y = error + delta_x, y + step_y
# SPDX-SnippetEnd


# own words between the two


# SPDX-SnippetBegin
# SPDX-SnippetCopyrightText: 2016 Val Mostra
# SPDX-License-Identifier: BSD-3-Clause
def encode_varints(numbers):
    encoded = bytearray()
    for number in numbers:
        zigzag = (number << 1) ^ (number >> 63)
        while zigzag > 0x7F:
            encoded.append(zigzag & 0x7F | 0x80)
            zigzag >>= 7
        encoded.append(zigzag)
    return bytes(encoded)
# SPDX-SnippetEnd
