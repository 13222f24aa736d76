/// A word that a program puts into a definition: meant as it stands, or with variables to expand.
package enum ComposedWord: Sendable, Hashable {
    /// Every character stands for itself.
    case literal(String)
    /// A Dockerfile's word: variables, quotes and escapes mean what they mean there.
    case expanding(String)

    /// The word as the expander reads it. Blanks and line breaks may stand in it without quotes.
    var word: ByteText {
        switch self {
        case .expanding(let text): Array(text.utf8)
        case .literal(let text): Self.escaped(text, isSpecial: { "\\\"'$".utf8.contains($0) })
        }
    }

    /// `word` as text, to stand in a field that is expanded by itself.
    package var wordText: String { word.string }

    /// The word as a person writes it in an instruction that is cut at blanks. A line break, which none can hold, comes
    /// out as "\n".
    var written: ByteText {
        switch self {
        case .literal(let text):
            guard text.isEmpty || text.utf8.contains(where: { !Self.isPlain($0) }) || text.utf8.first == 0x2D else {
                return Array(text.utf8)
            }
            return [.quote] + Self.lineBreaksShown(Self.escaped(text) { "\\\"$".utf8.contains($0) }) + [.quote]
        case .expanding(let text): return Self.lineBreaksShown(Self.blanksEscaped(Array(text.utf8)))
        }
    }

    /// Whether the word holds a line break.
    var hasLineBreak: Bool {
        switch self {
        case .literal(let text), .expanding(let text): text.utf8.contains(.newline)
        }
    }

    /// The text without regard to its meaning.
    package var text: String {
        switch self {
        case .literal(let text), .expanding(let text): text
        }
    }

    private static func escaped(_ text: String, isSpecial: (UInt8) -> Bool) -> ByteText {
        var result: ByteText = []
        for byte in text.utf8 {
            if isSpecial(byte) { result.append(.backslash) }
            result.append(byte)
        }
        return result
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x80 || byte.isLetter || byte.isDigit || "_-./:,+@%~^".utf8.contains(byte)
    }

    /// A backslash before every blank outside quotes.
    private static func blanksEscaped(_ text: ByteText) -> ByteText {
        var result: ByteText = []
        var quote: UInt8?
        var index = 0
        while index < text.count {
            let byte = text[index]
            index += 1
            if byte == .backslash, quote != .apostrophe {
                // At the end it would escape the line's end; it means nothing there.
                guard index < text.count else { break }
                result += [byte, text[index]]
                index += 1
                continue
            }
            if byte == quote {
                quote = nil
            } else if quote == nil, byte == .quote || byte == .apostrophe {
                quote = byte
            } else if quote == nil, byte.isBlank, byte != .newline {
                result.append(.backslash)
            }
            result.append(byte)
        }
        return result
    }

    /// What a line cannot hold, shown by its usual name.
    static func lineBreaksShown(_ text: ByteText) -> ByteText {
        text.flatMap { $0 == .newline ? Array("\\n".utf8) : [$0] }
    }
}
