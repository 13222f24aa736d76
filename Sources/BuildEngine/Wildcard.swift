/// A COPY source's pattern for one path component, as Go's `filepath.Match` reads it: `*`, `?`, `[a-z]`, `[^a]`, `\x`.
/// https://pkg.go.dev/path/filepath#Match
struct Wildcard {
    private enum Token {
        case literal(UInt8)
        case any
        case star
        case set(negated: Bool, ranges: [ClosedRange<UInt8>])
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
        var rest = pattern[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "*"): tokens.append(.star)
            case UInt8(ascii: "?"): tokens.append(.any)
            case UInt8(ascii: "["):
                guard let set = Self.readSet(&rest) else { return nil }
                tokens.append(set)
            case UInt8(ascii: "\\"):
                guard let escaped = rest.popFirst() else { return nil }
                tokens.append(.literal(escaped))
            default: tokens.append(.literal(byte))
            }
        }
        self.tokens = tokens
    }

    private static func readSet(_ rest: inout ArraySlice<UInt8>) -> Token? {
        var negated = false
        if rest.first == UInt8(ascii: "^") {
            negated = true
            rest.removeFirst()
        }
        func readOne() -> UInt8? {
            guard let byte = rest.popFirst(), byte != UInt8(ascii: "-") else { return nil }
            return byte == UInt8(ascii: "\\") ? rest.popFirst() : byte
        }
        var ranges: [ClosedRange<UInt8>] = []
        while true {
            if rest.first == UInt8(ascii: "]"), !ranges.isEmpty {
                rest.removeFirst()
                return .set(negated: negated, ranges: ranges)
            }
            guard let low = readOne() else { return nil }
            var high = low
            if rest.first == UInt8(ascii: "-") {
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

    private func accepts(_ token: Token, _ byte: UInt8) -> Bool {
        switch token {
        case .literal(let literal): literal == byte
        case .any: true
        case .star: false
        case .set(let negated, let ranges): ranges.contains { $0.contains(byte) } != negated
        }
    }
}
