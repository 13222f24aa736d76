/// Finds what a misspelt word was probably meant to be.
package enum NearMiss {
    /// The candidate that differs from `word` by the fewest edits, if they are few; letter case does not count.
    package static func of(_ word: String, among candidates: [String]) -> String? {
        let target = Array(word.utf8).lowercased
        guard !target.isEmpty, target.count <= 64 else { return nil }
        // A word of one letter is near to every other.
        let allowed = target.count == 1 ? 0 : target.count <= 4 ? 1 : 2
        var best: (distance: Int, candidate: String)?
        for candidate in candidates {
            let distance = distance(target, Array(candidate.utf8).lowercased)
            if distance <= allowed, distance < (best?.distance ?? .max) { best = (distance, candidate) }
        }
        return best?.candidate
    }

    /// Insertions, deletions, replacements and swaps of neighbours between two words.
    private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        guard b.count <= 64 else { return .max }
        var before: [Int] = []
        var previous = Array(0...b.count)
        for i in a.indices {
            var current = [i + 1]
            for j in b.indices {
                let same = a[i] == b[j]
                var cost = min(previous[j + 1] + 1, current[j] + 1, previous[j] + (same ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, before[j - 1] + 1) }
                current.append(cost)
            }
            before = previous
            previous = current
        }
        return previous[b.count]
    }
}
