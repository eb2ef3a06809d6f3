# SPDX-FileCopyrightText: 2015 Ida Eksempel
# SPDX-License-Identifier: GPL-3.0-or-later

def spanning_edges(count, edges):
    parent = list(range(count))

    def root(node):
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    chosen = []
    for weight, one, other in sorted(edges):
        left, right = root(one), root(other)
        if left != right:
            parent[left] = right
            chosen.append((one, other, weight))
    return chosen
