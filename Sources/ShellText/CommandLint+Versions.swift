extension CommandLint {
    /// `pip install a>=1 b<2`: the shell redirects, and pip never sees the versions.
    static func unquotedVersion(_ subject: Subject) -> CommandFinding? {
        var quotes: [Range<Int>] = []
        for command in subject.commands {
            guard let installation = Installation(command), installation.family.comparesVersions else { continue }
            quotes += requirements(of: command, in: subject)
        }
        guard let first = quotes.first else { return nil }
        var corrected = subject.text
        for range in quotes.reversed() {
            corrected.replaceSubrange(range, with: Array(quoted(subject.spelling(range)).utf8))
        }
        let written = subject.spelling(first)
        let isOutput = written.firstIndex(of: ">") != nil
        let effect =
            isOutput
            ? "the shell takes > for a redirection: the version is not asked for, and a file is written instead"
            : "the shell takes < for a redirection: it reads a file that is not there"
        return CommandFinding(
            code: .unquotedVersion, message: "\(written) is not quoted, so \(effect)",
            suggestion: "write: \(String(decoding: corrected, as: UTF8.self))")
    }

    /// The ranges of text that were meant to be one word each.
    private static func requirements(of command: SimpleCommand, in subject: Subject) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        for (operation, target) in command.redirections {
            guard operation.value == ">" || operation.value == "<" || operation.value == ">|" else { continue }
            let start = operation.range.lowerBound
            let isAdjacent = operation.range.upperBound == target.range.lowerBound
            // `>` with a descriptor's number before it may be the end of a name: `numpy2>1` is the word `numpy2`.
            let name = command.words.last { $0.range.upperBound == start }
            let version = target.value.hasPrefix("=") ? target.value.dropFirst() : target.value[...]
            let isVersion = version.first?.isNumber ?? false
            guard isAdjacent, isVersion else { continue }
            // With a blank before it, `> 3` and `>3` may be a file's name; `>=3` and `<3` are not.
            let previous = ranges.last?.upperBound == start ? ranges.last?.lowerBound : nil
            if let lower = name?.range.lowerBound ?? previous {
                if previous != nil { ranges.removeLast() }
                ranges.append(lower..<target.range.upperBound)
            } else if target.value.hasPrefix("=") || operation.value == "<" {
                let word = command.words.last { $0.range.upperBound < start && !$0.value.hasPrefix("-") }
                guard let word, word.range.upperBound <= start else { continue }
                let between = subject.text[word.range.upperBound..<start]
                guard between.allSatisfy({ $0.isShellBlank }) else { continue }
                ranges.append(word.range.lowerBound..<target.range.upperBound)
            }
        }
        return ranges
    }

    /// `text` as one word: between apostrophes, without the blanks that a requirement may not have in conda.
    private static func quoted(_ text: String) -> String {
        let plain = text.filter { $0 != " " && $0 != "\t" && $0 != "'" && $0 != "\"" }
        return plain.contains("$") ? "\"\(plain)\"" : "'\(plain)'"
    }
}
