/// A COPY source's pattern for one path component, as Go's `filepath.Match` reads it: `*`, `?`, `[a-z]`, `[^a]`, `\x`.
/// https://pkg.go.dev/path/filepath#Match
struct Wildcard {
    private enum Token {
        case literal(UInt32)
        case any
        case star
        case set(negated: Bool, ranges: [ClosedRange<UInt32>])
    }

    private let tokens: [Token]

    /// True when `component` would match more than itself.
    static func isPattern(_ component: some Sequence<UInt8>) -> Bool {
        component.contains {
            $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: "\\")
        }
    }

    /// Reads a pattern; nil where it is malformed (an open bracket, a trailing backslash, an empty range).
    init?(_ pattern: [UInt8]) {
        var tokens: [Token] = []
        var rest = Self.characters(pattern)[...]
        while let byte = rest.popFirst() {
            switch byte {
            case "*": tokens.append(.star)
            case "?": tokens.append(.any)
            case "[":
                guard let set = Self.readSet(&rest) else { return nil }
                tokens.append(set)
            case "\\":
                guard let escaped = rest.popFirst() else { return nil }
                tokens.append(.literal(escaped))
            default: tokens.append(.literal(byte))
            }
        }
        self.tokens = tokens
    }

    private static func readSet(_ rest: inout ArraySlice<UInt32>) -> Token? {
        var negated = false
        if rest.first == "^" {
            negated = true
            rest.removeFirst()
        }
        func readOne() -> UInt32? {
            guard let byte = rest.popFirst(), byte != "-" else { return nil }
            return byte == "\\" ? rest.popFirst() : byte
        }
        var ranges: [ClosedRange<UInt32>] = []
        while true {
            if rest.first == "]", !ranges.isEmpty {
                rest.removeFirst()
                return .set(negated: negated, ranges: ranges)
            }
            guard let low = readOne() else { return nil }
            var high = low
            if rest.first == "-" {
                rest.removeFirst()
                guard let end = readOne() else { return nil }
                high = end
            }
            guard low <= high else { return nil }
            ranges.append(low...high)
        }
    }

    /// True when the whole of `name` matches. Takes time in the product of both lengths at worst.
    func matches(_ name: [UInt8]) -> Bool {
        let name = Self.characters(name)
        var token = 0
        var position = 0
        var retry: (token: Int, position: Int)?
        while position < name.count {
            if token < tokens.count {
                if case .star = tokens[token] {
                    retry = (token + 1, position)
                    token += 1
                    continue
                }
                if accepts(tokens[token], name[position]) {
                    token += 1
                    position += 1
                    continue
                }
            }
            guard let back = retry else { return false }
            retry = (back.token, back.position + 1)
            token = back.token
            position = back.position + 1
        }
        return tokens[token...].allSatisfy { if case .star = $0 { true } else { false } }
    }

    private func accepts(_ token: Token, _ byte: UInt32) -> Bool {
        switch token {
        case .literal(let literal): literal == byte
        case .any: true
        case .star: false
        case .set(let negated, let ranges): ranges.contains { $0.contains(byte) } != negated
        }
    }

    /// The characters of a name, of which `?` and a set match one. A byte that is not UTF-8 counts as a character of
    /// its own, beyond all of Unicode's.
    private static func characters(_ bytes: [UInt8]) -> [UInt32] {
        var found: [UInt32] = []
        var rest = bytes[...]
        while let first = rest.first {
            let length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
            if let text = String(validating: rest.prefix(length), as: UTF8.self), let scalar = text.unicodeScalars.first
            {
                found.append(scalar.value)
                rest = rest.dropFirst(length)
            } else {
                found.append(0x11_0000 + UInt32(first))
                rest = rest.dropFirst()
            }
        }
        return found
    }
}

private func ~= (scalar: Unicode.Scalar, character: UInt32) -> Bool { scalar.value == character }

private func == (character: UInt32?, scalar: Unicode.Scalar) -> Bool { character == Optional(scalar.value) }

private func != (character: UInt32?, scalar: Unicode.Scalar) -> Bool { !(character == scalar) }
