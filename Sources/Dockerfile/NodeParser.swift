import BuildModel

/// Third pass: the text of an instruction to its syntax.
struct NodeParser {
    let source: SourceText
    let escape: UInt8

    /// Reads one instruction.
    func node(_ line: LogicalLine) throws(Diagnostic) -> InstructionNode {
        let word = ByteText(line.text.prefix { !$0.isBlank })
        guard let keyword = Keyword(word) else {
            throw source.diagnostic(
                .unknownInstruction, "unknown instruction \"\(word.string)\"", at: line.range,
                suggestion: NearMiss.of(word.string, among: Keyword.allCases.map(\.name)))
        }
        var rest = line.text[word.count...].trimmed
        let flags: [ByteText]
        do {
            flags = try FlagScanner.take(from: &rest)
        } catch {
            throw source.diagnostic(
                .unterminatedQuote, "a quote in a flag of \(keyword.name) is not closed", at: line.range)
        }
        let arguments = try arguments(of: keyword, ByteText(rest.trimmed), line)
        return InstructionNode(
            keyword: keyword, flags: flags, arguments: arguments, text: line.text, range: line.range,
            heredocs: line.heredocs)
    }

    private func arguments(
        of keyword: Keyword, _ rest: ByteText, _ line: LogicalLine
    ) throws(Diagnostic) -> InstructionNode.Arguments {
        if rest.isEmpty { return .none }
        switch keyword {
        case .add, .copy, .volume:
            return try strings(rest, keyword, line) ?? .words(rest.blankSeparated)
        case .cmd, .entrypoint, .run, .shell:
            return try strings(rest, keyword, line) ?? .words([rest])
        case .arg: return .words(WordSplitter.words(of: rest, escape: escape))
        case .env, .label: return .pairs(try pairs(rest, keyword, line))
        case .expose, .from: return .words(rest.blankSeparated)
        case .maintainer, .stopsignal, .user, .workdir: return .words([rest])
        case .healthcheck:
            let kind = ByteText(rest.prefix { !$0.isBlank })
            let command = ByteText(rest[kind.count...].trimmed)
            if command.isEmpty { return .check(kind: kind, command: nil) }
            return .check(kind: kind, command: try strings(command, keyword, line) ?? .words([command]))
        case .onbuild:
            // Refused before it is read, so that a chain of them cannot exhaust the stack.
            guard Keyword(ByteText(rest.prefix { !$0.isBlank })) != .onbuild else {
                throw source.diagnostic(.badArguments, "ONBUILD cannot follow ONBUILD", at: line.range)
            }
            let inner = LogicalLine(text: rest, range: line.range, heredocs: line.heredocs)
            return .instruction(try node(inner))
        }
    }

    /// The exec form, or nil where the text has to be read as words.
    private func strings(
        _ rest: ByteText, _ keyword: Keyword, _ line: LogicalLine
    ) throws(Diagnostic) -> InstructionNode.Arguments? {
        switch JSONStringArray.parse(rest) {
        case .strings(let strings): return .strings(strings)
        case .otherArray:
            throw source.diagnostic(
                .badArguments,
                "the exec form of \(keyword.name) takes an array of strings only, such as "
                    + "[\"program\", \"argument\"]", at: line.range)
        case nil: return nil
        }
    }

    private func pairs(
        _ rest: ByteText, _ keyword: Keyword, _ line: LogicalLine
    ) throws(Diagnostic) -> [InstructionNode.Pair] {
        let words = WordSplitter.words(of: rest, escape: escape)
        guard let first = words.first, first.contains(.equals) else {
            let name = ByteText(rest.prefix { !$0.isBlank })
            let value = ByteText(rest[name.count...].trimmed)
            guard !value.isEmpty else {
                throw source.diagnostic(
                    .badArguments,
                    "\(keyword.name) \(name.string) has no value; write "
                        + "\(keyword.name) \(name.string)=value", at: line.range)
            }
            return [InstructionNode.Pair(name: name, value: value, hasEquals: false)]
        }
        var pairs: [InstructionNode.Pair] = []
        for word in words {
            guard let equals = word.firstIndex(of: .equals) else {
                throw source.diagnostic(
                    .badArguments,
                    "\"\(word.string)\" has no \"=\": with several values \(keyword.name) takes "
                        + "NAME=value each, and a value with blanks needs quotes", at: line.range)
            }
            pairs.append(
                .init(name: ByteText(word[..<equals]), value: ByteText(word[(equals + 1)...]), hasEquals: true))
        }
        return pairs
    }
}
