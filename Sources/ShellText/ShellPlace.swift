/// Where in the grammar a lexer is: what may come next, and what is open.
struct ShellPlace {
    /// How far the head of a `case` was read.
    private enum CaseHead { case subject, keyword }

    private(set) var frames: [ShellLexer.Frame] = []
    /// Whether the next word may name a command or be a reserved word.
    private(set) var startsCommand = true
    private var depth = 0
    private var caseHead: CaseHead?
    private var expectsFunctionName = false
    private var previous = ""

    /// Whether `((` here begins arithmetic: as a command, or after `for`.
    var takesArithmetic: Bool { startsCommand || previous == "for" }

    mutating func lineBreak() {
        if caseHead == nil { startsCommand = true }
    }

    func token(
        _ kind: ShellToken.Kind, _ range: Range<Int>, _ value: String, bodies: Range<Int> = 0..<0
    ) -> ShellToken {
        var token = ShellToken(kind: kind, range: range, value: value)
        token.isPattern = frames.last == .pattern
        token.depth = depth
        token.bodies = bodies
        return token
    }

    mutating func control(_ range: Range<Int>, _ spelling: String) -> ShellToken {
        var result = token(.control, range, spelling)
        startsCommand = true
        switch spelling {
        case "(" where frames.last != .pattern:
            frames.append(.subshell)
            depth += 1
        case ")" where frames.last == .pattern:
            frames[frames.count - 1] = .body
        case ")":
            // Empty parentheses are those of a function: its body follows.
            startsCommand = previous == "("
            if frames.last == .subshell {
                frames.removeLast()
                depth -= 1
            }
        case ";;", ";&", ";;&":
            if frames.last == .body { frames[frames.count - 1] = .pattern }
        default: break
        }
        previous = spelling
        result.depth = depth
        return result
    }

    mutating func word(_ range: Range<Int>, _ value: String) -> ShellToken {
        defer { previous = value }
        var result = token(.word, range, value)
        switch caseHead {
        case .subject:
            caseHead = .keyword
            return result
        case .keyword where value == "in":
            caseHead = nil
            frames.append(.pattern)
            startsCommand = true
            return result
        default: break
        }
        if expectsFunctionName {
            expectsFunctionName = false
            startsCommand = true
            return result
        }
        if frames.last == .pattern {
            // Only `esac` in the place of a pattern ends the command; in the middle of a pattern it is a pattern.
            guard value == "esac", startsCommand else {
                startsCommand = false
                return result
            }
            result.isPattern = false
        }
        guard startsCommand else { return result }
        result.startsCommand = true
        switch value {
        case "esac":
            if frames.last == .pattern || frames.last == .body { frames.removeLast() }
            close()
        case "fi", "done", "}": close()
        case "if", "while", "until", "{": depth += 1
        case "then", "elif", "else", "do", "!", "time": break
        case "for", "select":
            depth += 1
            startsCommand = false
        case "case":
            depth += 1
            caseHead = .subject
            startsCommand = false
        case "function":
            expectsFunctionName = true
            startsCommand = false
        default: startsCommand = false
        }
        result.depth = depth
        return result
    }

    private mutating func close() {
        depth = max(0, depth - 1)
        startsCommand = false
    }
}
