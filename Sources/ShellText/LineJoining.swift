/// Joins the lines of a script that belong together although a shell would not see it.
struct LineJoining {
    let text: [UInt8]

    /// A line of the result: a line of the text, or several that were joined.
    private struct Result {
        var bytes: [UInt8]
        var tokens: [ShellToken]
        var bodies: [UInt8]
        let indentation: Int
        /// Up to the end of its last token: what a joined line is appended to.
        var code: [UInt8]

        var isCode: Bool { !tokens.isEmpty }
    }

    /// The text of `lines` with those joined that must be.
    func joined(_ lines: [ShellLine]) -> [UInt8] {
        var results: [Result] = []
        var list: PackageList?
        for line in lines {
            let target = results.lastIndex { $0.isCode }
            if let target, line.tokens.first.map({ continuesOperator($0, after: results[target].tokens) }) ?? false {
                append(line, to: target, of: &results)
                list = nil
            } else if let target, line.tokens.first.map({ continuesOption($0, results, target, list) }) ?? false {
                append(line, to: target, of: &results)
                list = list?.taking(line)
            } else if let target, let open = list, open.takes(line, isNext: !results[target...].contains(where: isGap))
            {
                append(line, to: target, of: &results)
                list = list?.taking(line)
            } else if line.isComment, list?.passes(line) ?? false {
                // In the midst of a list a comment would swallow what is joined after it.
                continue
            } else {
                results.append(result(of: line))
                list = nil
            }
            if let last = results.last, last.isCode {
                list = PackageList(after: last.tokens, list, line: last.indentation)
            }
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
                var first = result(of: line)
                first.bytes = first.code
                results.append(first)
                isOpen = true
            }
        }
        return rendered(results)
    }

    /// Whether a line that begins with `first` can only be the rest of the command before it.
    private func continuesOperator(_ first: ShellToken, after tokens: [ShellToken]) -> Bool {
        first.kind == .control && ["&&", "||", "|"].contains(first.value) && !first.isPattern
            && (tokens.last?.endsCommand ?? false)
    }

    /// Whether a line that begins with `first` gives options to the command before it.
    private func continuesOption(
        _ first: ShellToken, _ results: [Result], _ target: Int, _ list: PackageList?
    ) -> Bool {
        guard first.kind == .word, !first.isPattern, text[first.range.lowerBound] == UInt8(ascii: "-"),
            !results[target...].contains(where: isGap), let last = results[target].tokens.last,
            last.kind == .word, !last.isPattern, !last.isReserved
        else { return false }
        // Something must be there to take the option.
        return SimpleCommand.commands(in: results[target].tokens).last.map { !$0.words.isEmpty } ?? false
    }

    private func isGap(_ result: Result) -> Bool {
        result.tokens.isEmpty && result.bytes.allSatisfy { $0.isShellBlank }
    }

    private func result(of line: ShellLine) -> Result {
        let bodies = line.bodies
        return Result(
            bytes: Array(text[line.range]), tokens: line.tokens, bodies: Array(text[bodies]),
            indentation: line.indentation,
            code: Array(text[line.range.lowerBound..<max(line.code.upperBound, line.range.lowerBound)]))
    }

    private func append(_ line: ShellLine, to target: Int, of results: inout [Result]) {
        results.removeSubrange((target + 1)...)
        results[target].code += [0x20] + text[line.code]
        results[target].bytes = results[target].code + text[line.code.upperBound..<line.range.upperBound]
        results[target].tokens += line.tokens
        results[target].bodies = separated(results[target].bodies) + text[line.bodies]
    }

    /// Bodies end in a line break where something follows them.
    private func separated(_ bodies: [UInt8]) -> [UInt8] {
        bodies.isEmpty || bodies.last == 0x0A ? bodies : bodies + [0x0A]
    }

    /// The lines, without blank ones at the ends.
    private func rendered(_ results: [Result]) -> [UInt8] {
        let kept = results.drop { isGap($0) }
        let end = kept.lastIndex { !isGap($0) }.map { $0 + 1 } ?? kept.startIndex
        var output: [UInt8] = []
        for (index, result) in kept[..<end].enumerated() {
            if index > 0, output.last != 0x0A || !lastHadBodies(kept, index) { output.append(0x0A) }
            output += result.bytes
            if !result.bodies.isEmpty { output += [0x0A] + result.bodies }
        }
        return output
    }

    /// A here-document brings the line break after it along.
    private func lastHadBodies(_ results: ArraySlice<Result>, _ index: Int) -> Bool {
        !results[results.startIndex + index - 1].bodies.isEmpty
    }
}
