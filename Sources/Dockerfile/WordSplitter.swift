/// Cuts the text of an instruction at blanks outside quotes. Quotes and escapes stay in the words: they mean something
/// to the expansion that follows.
enum WordSplitter {
    /// The words of `text`. A quote that is never closed runs to the end; expansion refuses it later.
    static func words(of text: ByteText, escape: UInt8) -> [ByteText] {
        var words: [ByteText] = []
        var word: ByteText = []
        var quote: UInt8?
        var index = 0
        while index < text.count {
            let byte = text[index]
            index += 1
            if quote == nil, byte.isBlank {
                if !word.isEmpty { words.append(word) }
                word = []
                continue
            }
            // Between apostrophes the escape character is a character like any other.
            if byte == escape, quote != .apostrophe {
                // At the end of the text it escapes nothing and is dropped.
                guard index < text.count else { break }
                word += [byte, text[index]]
                index += 1
                continue
            }
            if byte == quote {
                quote = nil
            } else if quote == nil, byte == .quote || byte == .apostrophe {
                quote = byte
            }
            word.append(byte)
        }
        if !word.isEmpty { words.append(word) }
        return words
    }
}
