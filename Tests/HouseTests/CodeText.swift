/// Swift or C source reduced to what is code.
enum CodeText {
    private enum State { case code, lineComment, blockComment, string, longString }

    /// The text with comments removed and string literals emptied, line breaks kept.
    ///
    /// A scanner rather than a parser: an interpolation that holds a string literal of its own is read as two
    /// literals with code between them, which is what the rules want to see anyway.
    static func stripped(_ text: String) -> String {
        let input = Array(text.utf8)
        let newline = UInt8(ascii: "\n")
        let quote = UInt8(ascii: "\"")
        let backslash = UInt8(ascii: "\\")
        var output: [UInt8] = []
        var state = State.code
        var index = 0
        func starts(_ sequence: StaticString) -> Bool {
            let count = sequence.utf8CodeUnitCount
            guard index + count <= input.count else { return false }
            return (0..<count).allSatisfy { input[index + $0] == sequence.utf8Start[$0] }
        }
        while index < input.count {
            let byte = input[index]
            var step = 1
            switch state {
            case .code where starts("//"): state = .lineComment
            case .code where starts("/*"): (state, step) = (.blockComment, 2)
            case .code where starts("\"\"\""): (state, step) = (.longString, 3)
            case .code where byte == quote: state = .string
            case .code: if byte != newline { output.append(byte) }
            case .lineComment: if byte == newline { state = .code }
            case .blockComment: if starts("*/") { (state, step) = (.code, 2) }
            case .string where byte == backslash: step = 2
            case .string: if byte == quote || byte == newline { state = .code }
            case .longString where byte == backslash: step = 2
            case .longString: if starts("\"\"\"") { (state, step) = (.code, 3) }
            }
            let passed = input[index..<min(index + step, input.count)]
            output += passed.filter { $0 == newline }
            index += step
        }
        return String(decoding: output, as: UTF8.self)
    }
}
