/// The text of a command as a person writes it in a program, and as a shell gets it.
public enum CommandText {
    /// The command that is run, logged, and named by the cache for `text` under `rule`.
    ///
    /// `.auto` removes the indentation that all lines share and the blank lines at both ends. It then joins a line to the
    /// one before where a shell would refuse it or take it for another command: a line that begins with `&&`, `||`, `|`
    /// or an option, and the names of packages on the lines below an `install` that has none yet. A text without such
    /// lines is not changed any further, nor is one that names another interpreter than a shell, and a text that no
    /// shell can read is left to the shell's own message.
    public static func normalized(_ text: String, rule: NewlineRule) -> String {
        switch rule {
        case .literal: return text
        case .auto: return laidOut(text) { LineJoining(text: $0).joined($1) }
        case .folded: return laidOut(text) { LineJoining(text: $0).folded($1) }
        }
    }

    /// `text` without its indentation, its lines put together by `join` where they are a shell's.
    private static func laidOut(_ text: String, _ join: ([UInt8], [ShellLine]) -> [UInt8]) -> String {
        let dedented = dedented(Array(text.utf8))
        let bare = withoutBlankEnds(dedented)
        guard !isForOtherInterpreter(bare), let lines = ShellLine.lines(of: dedented) else {
            return String(decoding: bare, as: UTF8.self)
        }
        return String(decoding: join(dedented, lines), as: UTF8.self)
    }

    /// Whether `text` names the program that reads it (`#!/usr/bin/env python3`), and that is no shell.
    static func isForOtherInterpreter(_ text: [UInt8]) -> Bool {
        guard text.starts(with: "#!".utf8) else { return false }
        let line = String(decoding: text.dropFirst(2).prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        let words = line.split(whereSeparator: \.isWhitespace).map { SimpleCommand.baseName(String($0)) }
        guard let first = words.first else { return false }
        let isPassedOn = { (word: String) in word.hasPrefix("-") || word.contains("=") }
        let program = first == "env" ? words.dropFirst().first { !isPassedOn($0) } : first
        return program.map { !$0.hasSuffix("sh") } ?? false
    }

    /// A script of several lines that ends at the first command that fails: `set -e`, then `text` without the
    /// indentation that all lines share. Its line breaks are those of the text.
    public static func script(_ text: String) -> String {
        "set -e\n" + String(decoding: withoutBlankEnds(dedented(Array(text.utf8))), as: UTF8.self)
    }

    /// `text` without the white space with which every line begins that has anything else.
    static func dedented(_ text: [UInt8]) -> [UInt8] {
        let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        var margin: ArraySlice<UInt8>?
        for line in lines {
            let indentation = line.prefix { $0.isShellBlank }
            guard indentation.count < line.count else { continue }
            guard let common = margin else {
                margin = indentation
                continue
            }
            margin = common.prefix(zip(common, indentation).prefix { $0 == $1 }.count)
        }
        guard let margin, !margin.isEmpty else { return text }
        return Array(
            lines.map { line in line.starts(with: margin) ? line.dropFirst(margin.count) : line.drop { $0.isShellBlank }
            }
            .joined(separator: [UInt8(ascii: "\n")]))
    }

    /// `text` without blank lines before it and white space after it, for a text whose lines are not known. What a
    /// backslash keeps at the end stays.
    private static func withoutBlankEnds(_ text: [UInt8]) -> [UInt8] {
        var rest = text[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")), rest[..<end].allSatisfy({ $0.isShellBlank }) {
            rest = rest[(end + 1)...]
        }
        let isBlank = { (byte: UInt8) in byte.isShellBlank || byte == UInt8(ascii: "\n") }
        let end = rest.lastIndex { !isBlank($0) }.map { $0 + 1 } ?? rest.startIndex
        return rest[..<end].last == UInt8(ascii: "\\") ? Array(rest) : Array(rest[..<end])
    }
}
