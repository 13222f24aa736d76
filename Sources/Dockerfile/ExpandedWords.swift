/// Collects the words of an expansion.
struct ExpandedWords {
    private var words: [ByteText] = []
    private var current: ByteText = []

    /// Adds text whose blanks separate words.
    mutating func append(_ text: ByteText) {
        for byte in text {
            if byte.isBlank {
                if !current.isEmpty { words.append(current) }
                current = []
            } else {
                current.append(byte)
            }
        }
    }

    /// Adds text whose blanks are characters like any other.
    mutating func appendQuoted(_ text: ByteText) {
        current += text
    }

    /// All words, the one being made included.
    var finished: [ByteText] { current.isEmpty ? words : words + [current] }
}
