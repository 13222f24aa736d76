import BuildModel

/// Second pass: lines to instructions as text.
struct LineLexer {
    private let text: SourceText
    private let escape: UInt8
    private var next: Int

    init(_ text: SourceText, directives: ParserDirectives) {
        self.text = text
        escape = directives.escape
        next = directives.lineCount
    }

    /// All instructions of the file, in order.
    static func lines(of text: SourceText, directives: ParserDirectives) throws(Diagnostic) -> [LogicalLine] {
        var lexer = LineLexer(text, directives: directives)
        var lines: [LogicalLine] = []
        while let line = try lexer.nextLine() {
            guard lines.count < DockerfileLimits.instructionCount else {
                throw text.diagnostic(
                    .tooLarge, "more than \(DockerfileLimits.instructionCount) instructions", at: line.range)
            }
            lines.append(line)
        }
        return lines
    }

    private mutating func nextLine() throws(Diagnostic) -> LogicalLine? {
        while next < text.lines.count {
            let first = next
            let raw = text.line(at: next).drop(while: \.isBlank)
            next += 1
            if raw.isEmpty || raw.first == .hash { continue }
            var (joined, isContinued) = split(raw)
            var hasEmptyContinuation = false
            while isContinued, next < text.lines.count {
                let line = text.line(at: next)
                next += 1
                let content = line.drop(while: \.isBlank)
                if content.first == .hash { continue }
                if content.isEmpty {
                    hasEmptyContinuation = true
                    continue
                }
                let (part, more) = split(line)
                joined += part
                isContinued = more
                guard joined.count <= DockerfileLimits.instructionSize else { throw tooLong(first) }
            }
            guard joined.count <= DockerfileLimits.instructionSize else { throw tooLong(first) }
            let trimmed = ByteText(joined.trimmed)
            if trimmed.isEmpty { continue }
            let range = SourceRange(first: first + 1, last: next)
            var line = LogicalLine(text: trimmed, range: range, hasEmptyContinuation: hasEmptyContinuation)
            try readHeredocs(of: &line)
            return line
        }
        return nil
    }

    private func tooLong(_ first: Int) -> Diagnostic {
        text.diagnostic(
            .tooLarge, "the instruction is longer than \(DockerfileLimits.instructionSize) bytes",
            at: SourceRange(line: first + 1))
    }

    /// A line without its continuation mark, and whether it had one: an escape character, blanks after it allowed, that
    /// is not itself escaped.
    private func split(_ line: ArraySlice<UInt8>) -> (ByteText, Bool) {
        let end = line.lastIndex { $0 != 0x20 && $0 != 0x09 }
        guard let end, line[end] == escape else { return (ByteText(line), false) }
        if end > line.startIndex, line[end - 1] == escape { return (ByteText(line), false) }
        return (ByteText(line[..<end]), true)
    }

    private mutating func readHeredocs(of line: inout LogicalLine) throws(Diagnostic) {
        for var heredoc in Heredoc.announced(in: line.text, escape: escape) {
            var content: ByteText = []
            var isClosed = false
            while next < text.lines.count, !isClosed {
                var candidate = text.line(at: next)
                let start = text.lines[next].lowerBound
                next += 1
                if heredoc.stripsTabs { candidate = candidate.drop { $0 == 0x09 } }
                if candidate.elementsEqual(heredoc.name.utf8) {
                    isClosed = true
                } else {
                    let end = next < text.lines.count ? text.lines[next].lowerBound : text.bytes.count
                    content += text.bytes[start..<end]
                }
            }
            guard isClosed else {
                throw text.diagnostic(
                    .unterminatedHeredoc,
                    "the here-document is not closed: no line consists of \"\(heredoc.name)\" alone", at: line.range)
            }
            heredoc.content = content
            line.heredocs.append(heredoc)
        }
        if !line.heredocs.isEmpty { line.range = SourceRange(first: line.range.first, last: next) }
    }
}
