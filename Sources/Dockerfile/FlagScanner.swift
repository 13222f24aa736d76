/// Takes the `--name=value` words off the front of an instruction's arguments.
enum FlagScanner {
    /// A quote that is never closed.
    struct OpenQuote: Error {}

    /// The flags, quotes and backslashes resolved; `rest` is left with what follows them. A lone `--` ends the flags.
    static func take(from rest: inout ArraySlice<UInt8>) throws(OpenQuote) -> [ByteText] {
        var flags: [ByteText] = []
        while true {
            rest = rest.drop(while: \.isBlank)
            guard rest.begins(with: "--") else { return flags }
            let word = try takeWord(from: &rest)
            if word.equals("--") { return flags }
            flags.append(word)
        }
    }

    private static func takeWord(from rest: inout ArraySlice<UInt8>) throws(OpenQuote) -> ByteText {
        var word: ByteText = []
        var quote: UInt8?
        while let byte = rest.first {
            if quote == nil, byte.isBlank { break }
            rest = rest.dropFirst()
            if byte == .backslash {
                if let next = rest.first {
                    word.append(next)
                    rest = rest.dropFirst()
                }
            } else if byte == quote {
                quote = nil
            } else if quote == nil, byte == .quote || byte == .apostrophe {
                quote = byte
            } else {
                word.append(byte)
            }
        }
        guard quote == nil else { throw OpenQuote() }
        return word
    }
}
