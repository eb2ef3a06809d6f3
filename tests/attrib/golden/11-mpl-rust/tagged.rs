// SPDX-SnippetBegin
// SPDX-SnippetCopyrightText: 2020 Hana Vzor
// SPDX-License-Identifier: MPL-2.0
pub fn run_lengths(bytes: &[u8]) -> Vec<(u8, usize)> {
    let mut runs: Vec<(u8, usize)> = Vec::new();
    for &byte in bytes {
        match runs.last_mut() {
            Some((value, count)) if *value == byte => *count += 1,
            _ => runs.push((byte, 1)),
        }
    }
    runs.retain(|(_, count)| *count > 1 || bytes.len() < 16);
    runs.shrink_to_fit();
    runs
}
// SPDX-SnippetEnd
