/// The packages of an `install` that stand on the lines below it.
struct PackageList {
    private let family: Installation.Family
    /// The indentation of the line with `install`.
    private let margin: Int
    /// Whether no package was read yet.
    private let isEmpty: Bool
    /// The last word was an option whose value is still to come.
    private let lacksValue: Bool
    /// Whether the packages are indented below their command: a line that is not ends the list.
    private var isIndented: Bool?
    /// A list on lines of its own, rather than a command that only lacks an option's value.
    private let isList: Bool

    /// The list that goes on after `tokens`, if their last command is an installation whose packages are still to come.
    /// `open` is the list as it was before the last line.
    init?(after tokens: some BidirectionalCollection<ShellToken>, _ open: PackageList?, line margin: Int) {
        guard let end = tokens.last, let command = SimpleCommand.commands(in: tokens).last,
            end == command.words.last || end == command.redirections.last?.target,
            let installation = Installation(command)
        else { return nil }
        guard installation.isEmpty || open?.isList ?? false || installation.lacksValue else { return nil }
        family = installation.family
        self.margin = margin
        isEmpty = installation.isEmpty
        lacksValue = installation.lacksValue
        isIndented = open?.isIndented
        isList = installation.isEmpty || open?.isList ?? false
    }

    /// The list after a line of it was joined; nil where that line ends it.
    func taking(_ line: ShellLine) -> PackageList? {
        guard !line.tokens.contains(where: { $0.kind == .control }) else { return nil }
        var list = self
        if isIndented == nil { list.isIndented = line.indentation > margin }
        return list
    }

    /// Whether a comment on a line of its own stands in the list and not after it.
    func passes(_ comment: ShellLine) -> Bool {
        isList && (isEmpty || (isIndented ?? false) && comment.indentation > margin)
    }

    /// Whether `line`, the next one, is part of it.
    func takes(_ line: ShellLine) -> Bool {
        guard let first = line.tokens.first, first.kind == .word, !first.isPattern, !first.isReserved else {
            return false
        }
        if lacksValue { return true }
        guard isList, !(isIndented ?? false) || line.indentation > margin else { return false }
        let words = line.tokens.prefix { $0.kind == .word }
        guard !isCommand(words) else { return false }
        var isValue = false
        return words.allSatisfy { word in
            defer { isValue = family.valued.contains(word.value) || family.sources.contains(word.value) }
            return isValue || word.value.hasPrefix("-") || canBePackage(word.value)
        }
    }

    /// Commands that no package manager has a package for: they end a list rather than belong to it.
    private static let commands: Set<String> = [
        "cd", "cp", "mv", "rm", "ln", "mkdir", "chmod", "chown", "chgrp", "touch", "cat", "echo", "printf", "export",
        "set", "unset", "source", ".", "eval", "exec", "test", "[", "[[", "((", "useradd", "adduser", "usermod",
        "groupadd", "addgroup", "ldconfig", "update-alternatives", "apt-get", "apt-mark", "apt-key",
        "add-apt-repository",
    ]

    /// What package managers do besides installing.
    private static let tasks: Set<String> = [
        "update", "upgrade", "clean", "cache", "config", "remove", "purge", "autoremove", "del", "list", "show",
        "check",
        "run", "init", "create", "env", "freeze", "uninstall", "sync", "ci",
    ]

    private func isCommand(_ words: ArraySlice<ShellToken>) -> Bool {
        let command = SimpleCommand(words: Array(words), redirections: [], end: "").unwrapped
        if Self.commands.contains(command.name) || Installation(command) != nil { return true }
        guard let second = command.arguments.first else { return false }
        // `python -m …`, `python setup.py`, `pip cache purge`; `python3 python3-pip` are two packages.
        if command.name.hasPrefix("python") { return second.hasPrefix("-") || second.hasSuffix(".py") }
        let managers: Set<String> = ["apt", "apk", "yum", "dnf", "pip", "pip3", "conda", "mamba", "uv", "npm"]
        return managers.contains(command.name) && Self.tasks.contains(second)
    }

    private func canBePackage(_ word: String) -> Bool {
        switch family {
        case .apt, .apk, .dnf, .zypper, .conda:
            // A link is no package here, but an option may have it.
            if word.contains("://") { return false }
        case .pip, .uv, .poetry: break
        }
        return !word.contains("`") && !word.contains("$(") && !word.contains("\n") && word != "{" && word != "}"
    }
}
