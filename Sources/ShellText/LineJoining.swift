/// Joins the lines of a script that belong together although a shell would not see it.
struct LineJoining {
    let text: [UInt8]

    /// A line of the result: a line of the text, or several that were joined.
    private struct Result {
        /// Up to the end of its last token: what a joined line is appended to.
        var code: [UInt8]
        /// What follows the last token on its line: blanks and a comment.
        var rest: ArraySlice<UInt8>
        /// The tokens of its last line from the last operator on.
        var tokens: ArraySlice<ShellToken>
        var bodies: [UInt8]
        let indentation: Int

        var isCode: Bool { !tokens.isEmpty }
        var isGap: Bool { tokens.isEmpty && rest.allSatisfy { $0.isShellBlank } }
    }

    /// The text of `lines` with those joined that must be.
    func joined(_ lines: [ShellLine]) -> [UInt8] {
        var results: [Result] = []
        var list: PackageList?
        // The last line that a command is on, and whether a blank line came after it.
        var target: Int?
        var isNext = true
        for line in lines {
            let first = line.tokens.first
            if let target, let first, continuesOperator(first, after: results[target]) {
                append(line, to: target, of: &results)
                list = nil
            } else if let target, let first, isNext, continuesOption(first, after: results[target]) {
                append(line, to: target, of: &results)
                list = list?.taking(line)
            } else if let target, isNext, let open = list, open.takes(line) {
                append(line, to: target, of: &results)
                list = open.taking(line)
            } else if line.isComment, list?.passes(line) ?? false {
                // In the midst of a list a comment would swallow what is joined after it.
                continue
            } else {
                results.append(result(of: line))
                list = nil
                isNext = isNext && !line.isBlank
            }
            guard first != nil else { continue }
            target = results.count - 1
            isNext = true
            list = results.last.flatMap { PackageList(after: $0.tokens, list, line: $0.indentation) }
        }
        return rendered(results)
    }

    /// The text of `lines` with every line break a space, but for blank lines and here-documents.
    func folded(_ lines: [ShellLine]) -> [UInt8] {
        var results: [Result] = []
        var isOpen = false
        for line in lines where !line.isComment {
            if line.isBlank {
                isOpen = false
            } else if isOpen, results.last?.bodies.isEmpty ?? false {
                append(line, to: results.count - 1, of: &results)
            } else {
                results.append(result(of: line))
                isOpen = true
            }
            if !results.isEmpty { results[results.count - 1].rest = [] }
        }
        return rendered(results)
    }

    /// Whether a line that begins with `first` can only be the rest of the command before it.
    private func continuesOperator(_ first: ShellToken, after line: Result) -> Bool {
        first.kind == .control && ["&&", "||", "|"].contains(first.value) && !first.isPattern
            && (line.tokens.last?.endsCommand ?? false)
    }

    /// Whether a line that begins with `first` gives options to the command before it.
    private func continuesOption(_ first: ShellToken, after line: Result) -> Bool {
        guard first.kind == .word, !first.isPattern, text[first.range.lowerBound] == UInt8(ascii: "-"),
            let last = line.tokens.last, last.kind == .word, !last.isPattern, !last.isReserved
        else { return false }
        // Something must be there to take the option.
        return SimpleCommand.commands(in: line.tokens).last.map { !$0.words.isEmpty } ?? false
    }

    private func result(of line: ShellLine) -> Result {
        let end = max(line.code.upperBound, line.range.lowerBound)
        return Result(
            code: Array(text[line.range.lowerBound..<end]), rest: text[end..<line.range.upperBound],
            tokens: Self.lastCommand(line.tokens), bodies: Array(text[line.bodies]), indentation: line.indentation)
    }

    private func append(_ line: ShellLine, to target: Int, of results: inout [Result]) {
        results.removeSubrange((target + 1)...)
        results[target].code.append(0x20)
        results[target].code += text[line.code]
        results[target].rest = text[line.code.upperBound..<line.range.upperBound]
        results[target].tokens = Self.lastCommand(Array(results[target].tokens) + line.tokens)
        if !results[target].bodies.isEmpty, !line.bodies.isEmpty { results[target].bodies.append(0x0A) }
        results[target].bodies += text[line.bodies]
    }

    /// What comes after the last operator that is not itself at the end, and that operator: earlier commands of a line do
    /// not matter, and a line of thousands would be read thousands of times.
    private static func lastCommand(_ tokens: [ShellToken]) -> ArraySlice<ShellToken> {
        tokens[(tokens.dropLast().lastIndex { $0.kind == .control } ?? 0)...]
    }

    /// The lines, without blank ones at the ends.
    private func rendered(_ results: [Result]) -> [UInt8] {
        let kept = results.drop { $0.isGap }
        let end = kept.lastIndex { !$0.isGap }.map { $0 + 1 } ?? kept.startIndex
        var output: [UInt8] = []
        for (index, result) in kept[..<end].enumerated() {
            if index > 0 { output.append(0x0A) }
            output += result.code
            output += result.rest
            if !result.bodies.isEmpty {
                output.append(0x0A)
                output += result.bodies
            }
        }
        return output
    }
}
