import math


# SPDX-SnippetBegin
# SPDX-SnippetCopyrightText: 2013, Xen Paradigma
# SPDX-License-Identifier: BSD-3-Clause
def thin_out(track, slack):
    if len(track) < 3:
        return list(track)
    origin, target = track[0], track[-1]
    chord = math.hypot(target[0] - origin[0], target[1] - origin[1])
    index, worst = 0, 0.0
    for i in range(1, len(track) - 1):
        node = track[i]
        if chord == 0:
            offset = math.hypot(node[0] - origin[0], node[1] - origin[1])
        else:
            cross = (target[0] - origin[0]) * (origin[1] - node[1]) - (origin[0] - node[0]) * (target[1] - origin[1])
            offset = abs(cross) / chord
        if offset > worst:
            index, worst = i, offset
    if worst <= slack:
        return [origin, target]
    head = thin_out(track[: index + 1], slack)
    rest = thin_out(track[index:], slack)
    return head[:-1] + rest
# SPDX-SnippetEnd
