import BuildModel

/// The `# name=value` lines at the top of a file.
///
/// `syntax` and `check` are recorded and never acted on: a definition does not choose the program that reads it.
package struct ParserDirectives: Sendable, Hashable {
    /// The character that continues a line and takes the meaning from the next: "\" or "`".
    var escape: UInt8 = .backslash
    /// The value of `# syntax=`, if any.
    package var syntax: String?
    /// The value of `# check=`, if any.
    package var check: String?
    /// How many lines at the top are directives.
    var lineCount = 0

    init() {}

    init(_ text: SourceText) throws(Diagnostic) {
        var seen: Set<String> = []
        for index in text.lines.indices {
            guard let (name, value) = Self.parse(text.line(at: index)) else { return }
            let range = SourceRange(line: index + 1)
            guard ["escape", "syntax", "check"].contains(name) else { return }
            guard seen.insert(name).inserted else {
                throw text.diagnostic(.badDirective, "the directive \"\(name)\" is given twice", at: range)
            }
            switch name {
            case "syntax": syntax = value
            case "check": check = value
            default:
                guard value == "\\" || value == "`", let byte = value.utf8.first else {
                    throw text.diagnostic(
                        .badDirective, "the escape character is \"\(value)\", but only \\ and ` are possible", at: range
                    )
                }
                escape = byte
            }
            lineCount = index + 1
        }
    }

    private static func parse(_ line: ArraySlice<UInt8>) -> (name: String, value: String)? {
        let line = line.trimmed
        guard line.first == .hash, let equals = line.firstIndex(of: .equals) else { return nil }
        let name = line[(line.startIndex + 1)..<equals].trimmed
        let value = line[(equals + 1)...].trimmed
        guard let first = name.first, first.isLetter, name.allSatisfy({ $0.isLetter || $0.isDigit }), !value.isEmpty
        else { return nil }
        return (name.lowercased.string, value.string)
    }
}
