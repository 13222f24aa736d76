import BuildModel

/// Collects what looks like a mistake although it is allowed.
struct SyntaxReview {
    let source: SourceText
    private(set) var warnings: [PlanWarning] = []

    init(source: SourceText) {
        self.source = source
    }

    mutating func look(at line: LogicalLine, _ node: InstructionNode) {
        if line.hasEmptyContinuation {
            warn(
                "empty-continuation", "an empty line stands inside \(node.keyword.name); Docker will refuse this", node)
        }
        if node.keyword == .maintainer {
            warn(
                "maintainer-deprecated", "MAINTAINER is deprecated; use LABEL org.opencontainers.image.authors=…", node)
        }
        if let text = shellText(of: node.arguments), Self.looksLikeExecForm(text) {
            warn(
                "exec-form-invalid",
                "the arguments of \(node.keyword.name) look like the exec form but are no JSON array of strings "
                    + "(JSON needs double quotes), so they go to the shell as they are", node)
        }
    }

    private mutating func warn(_ code: String, _ message: String, _ node: InstructionNode) {
        warnings.append(source.warning(code, message, at: node.range))
    }

    private func shellText(of arguments: InstructionNode.Arguments) -> ByteText? {
        switch arguments {
        case .words(let words) where words.count == 1: words[0]
        case .check(_, let command?): shellText(of: command)
        case .instruction(let inner): shellText(of: inner.arguments)
        default: nil
        }
    }

    /// Whether a text is "[", a quoted string, and then "," or a final "]" or nothing. `[ "$a" = b ]` is a test of the
    /// shell and not meant.
    static func looksLikeExecForm(_ text: ByteText) -> Bool {
        guard text.first == UInt8(ascii: "[") else { return false }
        let body = text.dropFirst().drop(while: \.isBlank)
        guard let quote = body.first, quote == .quote || quote == .apostrophe else { return false }
        guard let end = body.dropFirst().firstIndex(of: quote) else { return true }
        let rest = body[(end + 1)...].trimmed
        return rest.isEmpty || rest.first == UInt8(ascii: ",") || rest.elementsEqual("]".utf8)
    }
}
