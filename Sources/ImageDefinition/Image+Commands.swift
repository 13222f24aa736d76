import ShellText

extension Image {
    /// Runs a shell command.
    ///
    /// - Parameters:
    ///   - newlines: what line breaks mean; by default lines are joined where they would otherwise fail or install
    ///     nothing, and all else stays.
    ///   - user: the user of this step alone.
    public func runCommand(
        _ command: String, newlines: NewlineRule = .auto, user: String? = nil, file: String = #fileID, line: Int = #line
    ) -> Image {
        var action = RunAction(.shell(command))
        action.newlines = newlines
        action.user = user
        return appending(.run(action), file: file, line: line)
    }

    /// Runs a shell text exactly as it is, with mounts and a network of its own.
    public func run(
        _ command: String, mounts: [MountAction] = [], network: RunAction.Network = .default, user: String? = nil,
        file: String = #fileID, line: Int = #line
    ) -> Image {
        run(.shell(command), mounts, network, user, file, line)
    }

    /// Runs a program without a shell.
    public func run(
        arguments: [String], mounts: [MountAction] = [], network: RunAction.Network = .default, user: String? = nil,
        file: String = #fileID, line: Int = #line
    ) -> Image {
        run(.exec(arguments), mounts, network, user, file, line)
    }

    private func run(
        _ command: CommandForm, _ mounts: [MountAction], _ network: RunAction.Network, _ user: String?, _ file: String,
        _ line: Int
    ) -> Image {
        var action = RunAction(command)
        action.mounts = mounts
        action.network = network
        action.user = user
        return appending(.run(action), file: file, line: line)
    }

    /// Runs a script, line breaks and all, that ends at the first command that fails (`set -e`). One that begins with
    /// `#!` is run by the interpreter it names.
    public func runScript(
        _ script: String, mounts: [MountAction] = [], user: String? = nil, file: String = #fileID, line: Int = #line
    ) -> Image {
        var action = RunAction(.shell(script))
        action.isScript = true
        action.mounts = mounts
        action.user = user
        return appending(.run(action), file: file, line: line)
    }

    /// Makes this version of Python available as `python`, `python3` and `pip`.
    public func withPython(_ version: String, file: String = #fileID, line: Int = #line) -> Image {
        appending(.python(version), file: file, line: line)
    }

    /// Installs Debian packages, and leaves no package lists behind.
    public func aptInstall(_ packages: [String], file: String = #fileID, line: Int = #line) -> Image {
        let command =
            "apt-get update && apt-get install -y --no-install-recommends \(Self.words(packages)) "
            + "&& rm -rf /var/lib/apt/lists/*"
        return runCommand(command, newlines: .literal, file: file, line: line)
    }

    /// Installs Debian packages, named one by one or in one text with blanks between.
    public func aptInstall(_ packages: String..., file: String = #fileID, line: Int = #line) -> Image {
        aptInstall(
            packages.flatMap { $0.split(whereSeparator: \.isWhitespace).map(String.init) }, file: file, line: line)
    }

    /// Removes Debian packages and what only they needed.
    public func aptRemove(_ packages: [String], file: String = #fileID, line: Int = #line) -> Image {
        runCommand(
            "apt-get remove -y \(Self.words(packages)) && apt-get autoremove -y", newlines: .literal, file: file,
            line: line)
    }

    /// Removes Debian packages, named one by one or in one text with blanks between.
    public func aptRemove(_ packages: String..., file: String = #fileID, line: Int = #line) -> Image {
        aptRemove(
            packages.flatMap { $0.split(whereSeparator: \.isWhitespace).map(String.init) }, file: file, line: line)
    }

    /// Words for the shell; a name that it would read otherwise stands in quotes.
    private static func words(_ words: [String]) -> String {
        words.map { word in
            let isPlain = word.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0 & 0xDF) || "+-.:=_~/@%,".utf8.contains($0)
            }
            return isPlain
                ? word : "'\(word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''"))'"
        }.joined(separator: " ")
    }
}
