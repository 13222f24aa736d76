/// A here-document of RUN, COPY or ADD.
package struct Heredoc: Sendable, Hashable {
    /// The word that ends it.
    package var name: String
    /// Its lines, line ends included.
    package var content: [UInt8] = []
    /// Whether variables in it are expanded: no part of the word was quoted.
    package var expands: Bool
    /// Whether leading tabs are dropped (`<<-`).
    package var stripsTabs: Bool

    /// The here-documents that the text of an instruction opens, in order.
    static func announced(in line: ByteText, escape: UInt8) -> [Heredoc] {
        var instruction = line[...]
        var keyword = Self.takeWord(&instruction)
        if keyword.equals("onbuild") { keyword = Self.takeWord(&instruction) }
        guard ["run", "copy", "add"].contains(keyword.string) else { return [] }
        // The exec form has no shell, and its text may well hold "<<".
        let arguments = instruction.trimmed
        if arguments.first == UInt8(ascii: "["), JSONStringArray.parse(ByteText(arguments)) != nil { return [] }
        return WordSplitter.words(of: ByteText(arguments), escape: .backslash).compactMap { Heredoc(word: $0) }
    }

    private static func takeWord(_ rest: inout ArraySlice<UInt8>) -> ByteText {
        rest = rest.drop(while: \.isBlank)
        let word = rest.prefix { !$0.isBlank }
        rest = rest.dropFirst(word.count)
        return word.lowercased
    }

    /// The lines as a command or a file gets them: without leading tabs where the mark asks for that.
    var text: ByteText {
        guard stripsTabs else { return content }
        var kept: ByteText = []
        var isLeading = true
        for byte in content {
            if isLeading, byte == 0x09 { continue }
            isLeading = byte == .newline
            kept.append(byte)
        }
        return kept
    }

    /// What progress shows of the content: its first line, and whether there are more.
    var summary: String {
        var lines = content.trimmed.split(separator: .newline)
        // What comes after the name of an interpreter says more.
        if lines.count > 1, lines[0].begins(with: "#!") { lines.removeFirst() }
        guard let first = lines.first else { return "" }
        return first.trimmed.string + (lines.count > 1 ? "..." : "")
    }

    /// Whether `text` is the mark of a here-document and nothing else.
    static func isMark(_ text: ByteText) -> Bool {
        let words = WordSplitter.words(of: text, escape: .backslash)
        return words.count == 1 && Heredoc(word: words[0]) != nil
    }

    /// Reads `<<WORD`, `<<-WORD`, `3<<"WORD"`; nil for anything else.
    private init?(word: ByteText) {
        var rest = word.drop(while: \.isDigit)
        guard rest.begins(with: "<<") else { return nil }
        rest = rest.dropFirst(2)
        stripsTabs = rest.first == UInt8(ascii: "-")
        if stripsTabs { rest = rest.dropFirst() }
        guard !rest.isEmpty, !rest.contains(UInt8(ascii: "<")) else { return nil }
        var plain: ByteText = []
        var quote: UInt8?
        var isQuoted = false
        var isEscaped = false
        for byte in rest {
            if isEscaped {
                plain.append(byte)
                isEscaped = false
            } else if byte == .backslash, quote != .apostrophe {
                (isEscaped, isQuoted) = (true, true)
            } else if let open = quote {
                if byte == open { quote = nil } else { plain.append(byte) }
            } else if byte == .quote || byte == .apostrophe {
                (quote, isQuoted) = (byte, true)
            } else {
                plain.append(byte)
            }
        }
        guard quote == nil, !plain.isEmpty else { return nil }
        name = plain.string
        expands = !isQuoted
    }
}
