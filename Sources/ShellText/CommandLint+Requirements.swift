extension CommandLint {
    /// `pip install -r FILE` with a file that no step put into the image.
    static func missingRequirements(_ subject: Subject) -> CommandFinding? {
        var folder: String? = subject.context.workdir
        for command in subject.commands {
            let inner = command.unwrapped
            if inner.name == "cd" {
                folder = inner.arguments.first.flatMap { path(inFolder: folder, $0) }
                continue
            }
            guard let installation = Installation(command), [.pip, .uv].contains(installation.family) else { continue }
            for (option, file) in installation.files where option.hasPrefix("-r") || option.hasPrefix("--req") {
                guard !file.contains("://"), file != "-", file != "/dev/stdin", let path = path(inFolder: folder, file),
                    !isAdded(path, subject.context), !mayBeMade(file, by: command, subject)
                else { continue }
                return CommandFinding(
                    code: .missingRequirements,
                    message: "\(command.name) reads \(path), and no step before this one puts that file into the image",
                    suggestion: "add it first: add(\"\(SimpleCommand.baseName(file))\", \"\(path)\")")
            }
        }
        return nil
    }

    /// The absolute path that `path` means in `folder`; nil if that depends on what only the shell knows.
    private static func path(inFolder folder: String?, _ path: String) -> String? {
        guard !path.contains(where: { "$`*?[{~".contains($0) }), path != "-" else { return nil }
        guard path.hasPrefix("/") || folder != nil else { return nil }
        var parts: [Substring] = []
        for part in (path.hasPrefix("/") ? path : "\(folder ?? "")/\(path)").split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }

    private static func isAdded(_ file: String, _ context: CommandContext) -> Bool {
        context.addedPaths.contains { added in
            guard let added = path(inFolder: context.workdir, added) else { return true }
            return added == "/" || file == added || file.hasPrefix(added + "/")
        }
    }

    /// Whether a command may have made the file: one that names it, or that fetches or unpacks files whose names are not
    /// said. Commands after `last` do not count.
    private static func mayBeMade(_ file: String, by last: SimpleCommand, _ subject: Subject) -> Bool {
        let name = SimpleCommand.baseName(file)
        let makers: Set<String> = [
            "git", "tar", "unzip", "bsdtar", "rsync", "scp", "curl", "wget", "aria2c", "svn", "hg", "cp", "mv",
            "install",
            "huggingface-cli", "hf", "aws", "gsutil", "gcloud", "rclone", "make", "ln",
        ]
        func isMaker(_ command: SimpleCommand) -> Bool {
            let command = command.unwrapped
            return makers.contains(command.name) && command.name != "install"
                || command.redirections.contains {
                    $0.operation.value.hasPrefix(">") && $0.target.value.hasSuffix(name)
                }
                || (Installation(command) == nil && command.words.contains { $0.value.contains(name) })
                || command.name == "sh" || command.name == "bash"
        }
        let end = last.words.first?.range.lowerBound ?? 0
        let before = subject.commands.filter {
            ($0.words.first ?? $0.redirections.first?.operation)?.range.lowerBound ?? 0 < end
        }
        if before.contains(where: isMaker) { return true }
        return subject.context.earlierCommands.contains { text in
            guard let tokens = ShellLexer.tokens(of: Array(text.utf8)) else { return true }
            return SimpleCommand.commands(in: tokens).contains(where: isMaker)
        }
    }
}
