extension ShellLexer {
    /// Reads a word, and gives it without its quotes; expansions stay as written.
    mutating func readWord(nesting: Int) throws(Unreadable) -> String {
        let start = index
        var value: [UInt8] = []
        while let byte = byte() {
            let before = index
            switch byte {
            case UInt8(ascii: "\\"):
                guard let next = self.byte(1) else {
                    value.append(byte)
                    index += 1
                    break
                }
                if next != UInt8(ascii: "\n") { value.append(next) }
                index += 2
            case UInt8(ascii: "'"):
                try skipApostrophes()
                value += text[(before + 1)..<(index - 1)]
            case UInt8(ascii: "\""):
                value += try readQuoted(nesting: nesting)
            case UInt8(ascii: "$"):
                try skipExpansion(quoted: false, nesting: nesting)
                value += text[before..<index]
            case UInt8(ascii: "`"):
                try skipBackticks()
                value += text[before..<index]
            case UInt8(ascii: "<") where self.byte(1) == UInt8(ascii: "("),
                UInt8(ascii: ">") where self.byte(1) == UInt8(ascii: "("):
                // The output or input of a command as a file; only where a word begins.
                guard index == start else { return String(decoding: value, as: UTF8.self) }
                index += 2
                _ = try commands(nesting: nesting + 1, closing: true)
                value += text[before..<index]
            case UInt8(ascii: "(") where beginsArray(text[start..<index]):
                try skipArray(nesting: nesting)
                value += text[before..<index]
            default:
                if byte.isShellMetacharacter { return String(decoding: value, as: UTF8.self) }
                value.append(byte)
                index += 1
            }
        }
        return String(decoding: value, as: UTF8.self)
    }

    /// Whether a parenthesis after `word` opens an array: `name=(`, `name+=(`, `name[1]=(`.
    private func beginsArray(_ word: ArraySlice<UInt8>) -> Bool {
        guard word.last == UInt8(ascii: "="), let first = word.first else { return false }
        return first == UInt8(ascii: "_") || (0x41...0x5A).contains(first) || (0x61...0x7A).contains(first)
    }

    mutating func skipApostrophes() throws(Unreadable) {
        guard let end = text[(index + 1)...].firstIndex(of: UInt8(ascii: "'")) else { throw Unreadable() }
        index = end + 1
    }

    /// Reads `"…"` and gives what is between the quotes.
    mutating func readQuoted(nesting: Int) throws(Unreadable) -> [UInt8] {
        var value: [UInt8] = []
        index += 1
        while let byte = byte() {
            let before = index
            switch byte {
            case UInt8(ascii: "\""):
                index += 1
                return value
            case UInt8(ascii: "\\"):
                guard let next = self.byte(1) else { throw Unreadable() }
                let special = [0x24, 0x60, 0x22, 0x5C].contains(next)
                if next != UInt8(ascii: "\n") { value += special ? [next] : [byte, next] }
                index += 2
            case UInt8(ascii: "$"):
                try skipExpansion(quoted: true, nesting: nesting)
                value += text[before..<index]
            case UInt8(ascii: "`"):
                try skipBackticks()
                value += text[before..<index]
            default:
                value.append(byte)
                index += 1
            }
        }
        throw Unreadable()
    }

    /// Passes what begins with `$`: `$name`, `${…}`, `$(…)`, `$((…))`, and in bash `$'…'`.
    mutating func skipExpansion(quoted: Bool, nesting: Int) throws(Unreadable) {
        if starts(with: "$((") {
            let start = index
            index += 1
            do {
                try skipArithmetic()
                return
            } catch {
                // `$((a); b)`: a substitution that begins with a subshell.
                index = start
            }
        }
        if starts(with: "$(") {
            index += 2
            _ = try commands(nesting: nesting + 1, closing: true)
        } else if starts(with: "${") {
            index += 2
            try skipBraces(quoted: quoted, nesting: nesting + 1)
        } else if starts(with: "$'"), !quoted {
            index += 2
            while let byte = byte(), byte != UInt8(ascii: "'") { index += byte == UInt8(ascii: "\\") ? 2 : 1 }
            guard index < text.count else { throw Unreadable() }
            index += 1
        } else {
            index += 1
            // `$#` begins no comment, and `$$` no second expansion.
            if let next = byte(), [0x23, 0x24, 0x21, 0x3F, 0x2A, 0x40, 0x2D].contains(next) { index += 1 }
        }
    }

    private mutating func skipBraces(quoted: Bool, nesting: Int) throws(Unreadable) {
        guard nesting < Self.depthLimit else { throw Unreadable() }
        while let byte = byte() {
            switch byte {
            case UInt8(ascii: "}"):
                index += 1
                return
            case UInt8(ascii: "\\"): index = min(index + 2, text.count)
            case UInt8(ascii: "'") where !quoted: try skipApostrophes()
            case UInt8(ascii: "\""): _ = try readQuoted(nesting: nesting)
            case UInt8(ascii: "$"): try skipExpansion(quoted: quoted, nesting: nesting)
            case UInt8(ascii: "`"): try skipBackticks()
            default: index += 1
            }
        }
        throw Unreadable()
    }

    mutating func skipBackticks() throws(Unreadable) {
        index += 1
        while let byte = byte() {
            index += byte == UInt8(ascii: "\\") ? 2 : 1
            if byte == UInt8(ascii: "`") { return }
        }
        throw Unreadable()
    }

    /// Passes `((…))`. Throws, wherever it is, if what is here is something else.
    mutating func skipArithmetic() throws(Unreadable) {
        index += 2
        var open = 2
        while let byte = byte() {
            index += 1
            switch byte {
            case UInt8(ascii: "("): open += 1
            case UInt8(ascii: ")"):
                open -= 1
                // Both of the last two parentheses close together.
                if open == 1, self.byte() != UInt8(ascii: ")") { throw Unreadable() }
                if open == 0 { return }
            case UInt8(ascii: "\\"): index = min(index + 1, text.count)
            default: break
            }
        }
        throw Unreadable()
    }

    /// Passes `[[ … ]]`, in which line breaks and operators mean something else.
    mutating func skipTest(nesting: Int) throws(Unreadable) {
        index += 2
        while let byte = byte() {
            if byte.isShellMetacharacter {
                index += 1
            } else if try readWord(nesting: nesting) == "]]" {
                return
            }
        }
        throw Unreadable()
    }

    /// Passes the parentheses of an array and what is in them.
    private mutating func skipArray(nesting: Int) throws(Unreadable) {
        index += 1
        while let byte = byte() {
            if byte == UInt8(ascii: ")") {
                index += 1
                return
            } else if byte == UInt8(ascii: "#") {
                while let next = self.byte(), next != UInt8(ascii: "\n") { index += 1 }
            } else if byte.isShellMetacharacter, byte != UInt8(ascii: "<"), byte != UInt8(ascii: ">") {
                index += 1
            } else {
                let before = index
                _ = try readWord(nesting: nesting)
                if index == before { index += 1 }
            }
        }
        throw Unreadable()
    }
}
