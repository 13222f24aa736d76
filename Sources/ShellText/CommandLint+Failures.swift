extension CommandLint {
    /// Several commands on lines of their own, of which only the last one's failure ends the build.
    static func unnoticedFailure(_ subject: Subject) -> CommandFinding? {
        // `bash -ec`, `bash -eo pipefail -c`: the shell itself stops.
        let options = subject.context.shell.dropFirst().filter { $0.hasPrefix("-") && !$0.hasPrefix("--") }
        guard !options.contains(where: { $0.contains("e") }) else { return nil }
        var statements: [[ShellToken]] = []
        var own: [ShellToken] = []
        for token in subject.tokens where token.kind != .comment {
            let isBreak = token.kind == .newline && token.depth == 0 && (own.last?.endsStatement ?? false)
            if isBreak {
                statements.append(own)
                own = []
            } else if token.kind != .newline || !own.isEmpty {
                own.append(token)
            }
        }
        if !own.isEmpty { statements.append(own) }
        guard !subject.commands.contains(where: stopsAtFailure) else { return nil }
        guard let first = statements.dropLast().first(where: mayFail), let start = first.first?.range.lowerBound,
            let end = first.last?.range.upperBound
        else { return nil }
        let shown = subject.spelling(start..<end).split(separator: "\n").first.map(String.init) ?? ""
        return CommandFinding(
            code: .unnoticedFailure,
            message: "the shell goes on when \"\(shown)\" fails, since other commands follow it on lines of their own",
            suggestion: "end the line with &&, begin the text with set -e, or use run_script")
    }

    /// `set -e` in one of its spellings.
    private static func stopsAtFailure(_ command: SimpleCommand) -> Bool {
        guard command.name == "set" else { return false }
        return command.arguments.contains { word in
            word == "errexit" || (word.hasPrefix("-") && !word.hasPrefix("--") && word.contains("e"))
        }
    }

    /// Whether a statement can fail without its author having said what then.
    private static func mayFail(_ statement: [ShellToken]) -> Bool {
        // `a || exit 1`, `a || true`; at its own level only.
        if statement.contains(where: { $0.kind == .control && $0.value == "||" && $0.depth == 0 }) { return false }
        // In the background: its status is asked for elsewhere or nowhere.
        if statement.last?.value == "&" { return false }
        // `name() { … }` defines and runs nothing.
        if statement.count > 2, statement[1].value == "(", statement[2].value == ")" { return false }
        if statement.first?.value == "function" { return false }
        let safe: Set<String> = [
            "echo", "printf", "export", "set", "unset", "umask", "alias", "true", ":", "readonly", "trap", "local",
        ]
        return SimpleCommand.commands(in: statement).contains { !$0.words.isEmpty && !safe.contains($0.name) }
    }
}

extension ShellToken {
    /// Whether a line break after it ends a statement: no operator waits for more.
    var endsStatement: Bool {
        kind == .control ? [")", ";", "&"].contains(value) : !(startsCommand && Self.openers.contains(value))
    }
}
