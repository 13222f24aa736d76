import OCISpec

/// Finds what was probably meant by a misspelt word.
enum Suggestion {
    /// The nearest of `candidates`, unless none is near: at most a third of the word's letters may differ.
    static func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
        let limit = max(1, word.utf8.count / 3)
        var best: (word: String, distance: Int)?
        for candidate in candidates {
            let near = EditDistance.between(Array(word.utf8), Array(candidate.utf8), atMost: limit)
            if let distance = near, distance < best?.distance ?? Int.max { best = (candidate, distance) }
        }
        return best?.word
    }

    /// ` Did you mean "…"?` with its leading space, or nothing.
    static func question(for word: String, among candidates: some Sequence<String>, prefix: String = "") -> String {
        nearest(to: word, among: candidates).map { " Did you mean \"\(prefix)\($0)\"?" } ?? ""
    }
}
