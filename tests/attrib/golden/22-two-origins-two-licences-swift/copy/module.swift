func levenshtein(_ one: String, _ other: String) -> Int {
    let left = Array(one), right = Array(other)
    var row = Array(0...right.count)
    for (place, letter) in left.enumerated() {
        var diagonal = row[0]
        row[0] = place + 1
        for (column, candidate) in right.enumerated() {
            let above = row[column + 1]
            row[column + 1] = letter == candidate ? diagonal : min(diagonal, above, row[column]) + 1
            diagonal = above
        }
    }
    return row[right.count]
}
