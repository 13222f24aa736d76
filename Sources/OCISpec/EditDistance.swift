/// How far apart two words are, for guessing what a misspelt one was meant to be.
package enum EditDistance {
    /// The longest word that is compared, in bytes: a longer one is no misspelling, and the work grows with the product.
    package static let longest = 128

    /// How many insertions, deletions, replacements and swaps of neighbours turn one word into the other; nil if more
    /// than `limit`, or if a word is longer than ``longest``.
    package static func between(_ left: [UInt8], _ right: [UInt8], atMost limit: Int) -> Int? {
        guard left.count <= longest, right.count <= longest, abs(left.count - right.count) <= limit else { return nil }
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for row in left.indices {
            var current = [row + 1]
            for column in right.indices {
                let replacement = last[column] + (left[row] == right[column] ? 0 : 1)
                var distance = min(replacement, last[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    distance = min(distance, beforeLast[column - 1] + 1)
                }
                current.append(distance)
            }
            beforeLast = last
            last = current
            // Every later number comes from these two rows, and none is less than its source.
            if !last.contains(where: { $0 <= limit }), !beforeLast.contains(where: { $0 <= limit }) { return nil }
        }
        return last[right.count] <= limit ? last[right.count] : nil
    }
}
