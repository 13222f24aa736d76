import OCISpec

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
            let name = Array(candidate.utf8).lowercased
            guard let distance = EditDistance.between(target, name, atMost: allowed) else { continue }
            if distance < (best?.distance ?? .max) { best = (distance, candidate) }
        }
        return best?.candidate
    }
}
