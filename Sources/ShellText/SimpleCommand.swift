/// A command and its arguments, without redirections and the assignments before it.
struct SimpleCommand {
    /// The command's name and its arguments.
    let words: [ShellToken]
    /// Its redirections: the operator, and the target.
    let redirections: [(operation: ShellToken, target: ShellToken)]
    /// The operator that ends it, "\n" for a line break, "" for the end of the text.
    let end: String

    /// The name of the program, without a folder; "" where there is none.
    var name: String { words.first.map { Self.baseName($0.value) } ?? "" }
    var arguments: [String] { words.dropFirst().map(\.value) }

    static func baseName(_ path: String) -> String {
        path.split(separator: "/", omittingEmptySubsequences: true).last.map(String.init) ?? ""
    }

    /// The simple commands of a list of tokens, in their order.
    static func commands(in tokens: some Sequence<ShellToken>) -> [SimpleCommand] {
        var commands: [SimpleCommand] = []
        var words: [ShellToken] = []
        var redirections: [(ShellToken, ShellToken)] = []
        var operation: ShellToken?
        func finish(_ end: String) {
            if !words.isEmpty || !redirections.isEmpty {
                commands.append(SimpleCommand(words: words, redirections: redirections, end: end))
            }
            (words, redirections, operation) = ([], [], nil)
        }
        for token in tokens {
            switch token.kind {
            case .comment: break
            case .newline: finish("\n")
            case .control: finish(token.value)
            case .redirection: operation = token
            case .word:
                if let started = operation {
                    redirections.append((started, token))
                    operation = nil
                } else if token.isPattern || (words.isEmpty && token.isReserved) {
                    finish("")
                } else if !words.isEmpty || !isAssignment(token.value) {
                    words.append(token)
                }
            }
        }
        finish("")
        return commands
    }

    /// Whether a word before a command sets a variable.
    static func isAssignment(_ word: String) -> Bool {
        guard let equals = word.utf8.firstIndex(of: UInt8(ascii: "=")), let first = word.utf8.first else {
            return false
        }
        let isLetter = { (byte: UInt8) in
            byte == 0x5F || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        }
        return isLetter(first)
            && word.utf8[..<equals].allSatisfy { isLetter($0) || (0x30...0x39).contains($0) || $0 == 0x2B }
    }

    /// The command that is run in the end: without `sudo`, `env`, `exec` and the like before it.
    var unwrapped: SimpleCommand {
        var rest = words[...]
        let wrappers: [String: Set<String>] = [
            "sudo": ["-u", "--user", "-g", "--group"], "env": ["-u", "--unset", "-C", "--chdir"], "exec": ["-a"],
            "command": [], "nice": ["-n"], "nohup": [], "time": [], "timeout": ["-k", "-s"], "eatmydata": [],
        ]
        while let first = rest.first, let valued = wrappers[Self.baseName(first.value)] {
            rest = rest.dropFirst()
            while let word = rest.first, word.value.hasPrefix("-") || Self.isAssignment(word.value) {
                rest = rest.dropFirst(valued.contains(word.value) ? 2 : 1)
            }
            if Self.baseName(first.value) == "timeout" { rest = rest.dropFirst() }
        }
        return SimpleCommand(words: Array(rest), redirections: redirections, end: end)
    }

    /// Whether it is run as another user than the step's own.
    var changesUser: Bool {
        words.first.map { ["sudo", "doas", "su", "gosu", "runuser"].contains(Self.baseName($0.value)) } ?? false
    }
}
