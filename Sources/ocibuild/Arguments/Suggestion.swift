/// Finds what was probably meant by a misspelt word.
enum Suggestion {
    /// The nearest of `candidates`, unless none is near: at most a third of the word's letters may differ.
    static func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
        let limit = max(1, word.utf8.count / 3)
        var best: (word: String, distance: Int)?
        for candidate in candidates {
            let distance = editDistance(Array(word.utf8), Array(candidate.utf8))
            if distance <= limit, distance < best?.distance ?? Int.max { best = (candidate, distance) }
        }
        return best?.word
    }

    /// ` Did you mean "…"?` with its leading space, or nothing.
    static func question(for word: String, among candidates: some Sequence<String>, prefix: String = "") -> String {
        nearest(to: word, among: candidates).map { " Did you mean \"\(prefix)\($0)\"?" } ?? ""
    }

    /// How many insertions, deletions, substitutions and swaps of neighbours turn one word into the other.
    static func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        // A word this long is no misspelling of ours, and the table grows with the product.
        guard left.count <= 64, right.count <= 64 else { return Int.max }
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for row in 0..<left.count {
            var current = [row + 1]
            for column in 0..<right.count {
                let substitution = last[column] + (left[row] == right[column] ? 0 : 1)
                var distance = min(substitution, last[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    distance = min(distance, beforeLast[column - 1] + 1)
                }
                current.append(distance)
            }
            beforeLast = last
            last = current
        }
        return last[right.count]
    }
}
