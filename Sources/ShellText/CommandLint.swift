/// Finds in the text of a command what would not do what its author meant. Nothing is changed: the caller shows it.
package enum CommandLint {
    /// The findings for `text`, which is normalised by the context's rule first, in the order of their kinds.
    package static func findings(in text: String, context: CommandContext) -> [CommandFinding] {
        let command = Array(CommandText.normalized(text, rule: context.rule).utf8)
        guard !CommandText.isForOtherInterpreter(command), let tokens = ShellLexer.tokens(of: command) else {
            return []
        }
        let subject = Subject(text: command, tokens: tokens, context: context)
        return [
            unquotedVersion(subject), needsRoot(subject), missingRequirements(subject), unnoticedFailure(subject),
            torchOnAlpine(subject),
        ].compactMap { $0 }
    }

    /// A command with what is known of it.
    struct Subject {
        let text: [UInt8]
        let tokens: [ShellToken]
        let context: CommandContext
        let commands: [SimpleCommand]

        init(text: [UInt8], tokens: [ShellToken], context: CommandContext) {
            (self.text, self.tokens, self.context) = (text, tokens, context)
            commands = SimpleCommand.commands(in: tokens)
        }

        func spelling(_ range: Range<Int>) -> String { String(decoding: text[range], as: UTF8.self) }
    }

    private static func torchOnAlpine(_ subject: Subject) -> CommandFinding? {
        let base = subject.context.base
        guard base.lowercased().contains("alpine") else { return nil }
        let torch: Set<String> = ["torch", "torchvision", "torchaudio"]
        for command in subject.commands {
            guard let installation = Installation(command), [.pip, .uv, .poetry].contains(installation.family),
                let package = installation.packages.first(where: { torch.contains(packageName($0)) }),
                !usesOwnIndex(installation)
            else { continue }
            let better = base.contains("-alpine") ? ", such as \(slim(base))" : ", such as python:3.11-slim"
            return CommandFinding(
                code: .torchOnAlpine,
                message:
                    "\(packageName(package)) has no builds for Alpine (its C library is musl), so pip finds no version "
                    + "of it on \(base)",
                suggestion: "use a Debian base\(better)")
        }
        return nil
    }

    /// "3.11-alpine3.19" → "3.11-slim".
    private static func slim(_ reference: String) -> String {
        guard let range = reference.firstRange(of: "-alpine") else { return reference }
        return reference[..<range.lowerBound] + "-slim"
    }

    /// A package's name without extras, version and marker.
    static func packageName(_ requirement: String) -> String {
        String(requirement.prefix { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" || $0 == "." }).lowercased()
    }

    /// Whether packages come from an index that may have builds of its own.
    private static func usesOwnIndex(_ installation: Installation) -> Bool {
        let names: Set<String> = [
            "-i", "--index-url", "--extra-index-url", "-f", "--find-links", "--index", "--default-index",
        ]
        return installation.options.contains { option in
            names.contains(option.name)
                && !["download.pytorch.org", "pypi.org"].contains { option.value?.contains($0) ?? false }
        }
    }
}
