package report

import "sort"

// SPDX-SnippetBegin
// SPDX-SnippetCopyrightText: 2017 Cy Muster
// SPDX-License-Identifier: BSD-2-Clause
func mergeIntervals(intervals [][2]int) [][2]int {
	sort.Slice(intervals, func(a, b int) bool { return intervals[a][0] < intervals[b][0] })
	merged := make([][2]int, 0, len(intervals))
	for _, interval := range intervals {
		last := len(merged) - 1
		if last >= 0 && interval[0] <= merged[last][1] {
			if interval[1] > merged[last][1] {
				merged[last][1] = interval[1]
			}
			continue
		}
		merged = append(merged, interval)
	}
	return merged
}
// SPDX-SnippetEnd
