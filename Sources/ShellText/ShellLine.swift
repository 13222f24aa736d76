/// A logical line of a script: its tokens up to a line break that is no part of a word.
struct ShellLine {
    /// Its tokens but for comments and the line break.
    let tokens: [ShellToken]
    /// All of it without the line break.
    let range: Range<Int>
    /// The bodies of the here-documents that it announces.
    let bodies: Range<Int>
    /// Whether it has a comment.
    let hasComment: Bool
    /// How many bytes of white space it begins with.
    let indentation: Int
    /// How many compound commands are open after it.
    let depth: Int

    var isBlank: Bool { tokens.isEmpty && !hasComment }
    var isComment: Bool { tokens.isEmpty && hasComment }
    /// From the first token to the end of the last: no comment, no blanks at the ends.
    var code: Range<Int> {
        guard let first = tokens.first, let last = tokens.last else { return range.lowerBound..<range.lowerBound }
        return first.range.lowerBound..<last.range.upperBound
    }

    /// The lines of `text`; nil where it cannot be cut.
    static func lines(of text: [UInt8]) -> [ShellLine]? {
        guard let tokens = ShellLexer.tokens(of: text) else { return nil }
        var lines: [ShellLine] = []
        var own: [ShellToken] = []
        var start = 0
        func finish(at end: Int, depth: Int, bodies: Range<Int>) {
            lines.append(
                ShellLine(
                    tokens: own.filter { $0.kind != .comment }, range: start..<end, bodies: bodies,
                    hasComment: own.contains { $0.kind == .comment },
                    indentation: text[start..<end].prefix { $0.isShellBlank }.count, depth: depth))
            own = []
            start = bodies.isEmpty ? end + 1 : bodies.upperBound + 1
        }
        for token in tokens {
            if token.kind == .newline {
                finish(at: token.range.lowerBound, depth: token.depth, bodies: token.bodies)
            } else {
                own.append(token)
            }
        }
        if start < text.count { finish(at: text.count, depth: tokens.last?.depth ?? 0, bodies: 0..<0) }
        return lines
    }
}
