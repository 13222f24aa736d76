import BuildModel

/// A source cut into lines and checked to be text.
struct SourceText: Sendable, Hashable {
    let name: String
    /// Content without a byte order mark.
    let bytes: ByteText
    /// For each line the range of its bytes, line end excluded ("\n" or "\r\n").
    let lines: [Range<Int>]
    /// For a text that a program made: by line, from 1, the place in the program that asked for it.
    let origins: [Int: SourceOrigin]

    init(_ source: DockerfileSource, origins: [Int: SourceOrigin] = [:]) throws(Diagnostic) {
        name = source.name
        self.origins = origins
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let content = source.bytes.starts(with: mark) ? Array(source.bytes.dropFirst(3)) : source.bytes
        // Measured before anything is allocated for it, and without keeping it for an excerpt.
        guard content.count <= DockerfileLimits.fileSize else {
            let line = content[..<DockerfileLimits.fileSize].count { $0 == .newline } + 1
            throw Diagnostic(
                code: .tooLarge,
                message: "the file has \(content.count) bytes; at most \(DockerfileLimits.fileSize) are read",
                sourceName: source.name, source: SourceRange(line: line), excerpt: "", suggestion: nil)
        }
        bytes = content
        var lines: [Range<Int>] = []
        var start = 0
        for end in content.indices where content[end] == .newline {
            lines.append(start..<(end > start && content[end - 1] == .carriageReturn ? end - 1 : end))
            start = end + 1
        }
        if start < content.count { lines.append(start..<content.count) }
        self.lines = lines
        try check()
    }

    private func check() throws(Diagnostic) {
        if let place = bytes.firstIndex(of: 0) {
            throw diagnostic(.invalidText, "a NUL byte, which no Dockerfile may hold", at: line(of: place))
        }
        if String(validating: bytes, as: UTF8.self) != nil { return }
        let broken = lines.firstIndex { String(validating: bytes[$0], as: UTF8.self) == nil } ?? 0
        throw diagnostic(
            .invalidText, "bytes that are not UTF-8; save the file in that encoding", at: SourceRange(line: broken + 1))
    }

    private func line(of offset: Int) -> SourceRange {
        SourceRange(line: bytes[..<offset].count { $0 == .newline } + 1)
    }

    /// The bytes of the line at `index`, counted from 0.
    func line(at index: Int) -> ArraySlice<UInt8> { bytes[lines[index]] }

    /// An error at a place of this text.
    func diagnostic(
        _ code: Diagnostic.Code, _ message: String, at range: SourceRange?, suggestion: String? = nil
    ) -> Diagnostic {
        let origin = origin(of: range)
        return Diagnostic(
            code: code, message: message, sourceName: origin?.file ?? name,
            source: origin.map { SourceRange(line: $0.line) } ?? range,
            excerpt: range.map { excerpt(for: $0) } ?? "", suggestion: suggestion)
    }

    /// A warning about a place of this text.
    func warning(_ code: String, _ message: String, at range: SourceRange?) -> PlanWarning {
        let origin = origin(of: range)
        return PlanWarning(
            code: code, message: message, sourceName: origin?.file ?? name,
            source: origin.map { SourceRange(line: $0.line) } ?? range)
    }

    /// The place in a program that asked for the lines of `range`.
    func origin(of range: SourceRange?) -> SourceOrigin? { range.flatMap { origins[$0.first] } }
}
