/// One pattern of a `.dockerignore` file.
struct IgnorePattern: Sendable {
    struct Malformed: Error {
        let message: String
    }

    private enum Token: Sendable, Equatable {
        case literal(UInt32)
        /// "?": anything but "/".
        case one
        /// "*": any text without "/".
        case any
        /// "**/", in two parts. The first is the choice: no directory at all, or on to the second.
        case directories
        /// The second part: any text up to and including a "/".
        case throughSlash
        /// "**" at the end: any text.
        case everything
        /// "[a-z]", "[^a-z]".
        case oneOf([ClosedRange<UInt32>], isNegated: Bool)
    }

    let isException: Bool
    private let tokens: [Token]
    /// The characters before the first token that is not one.
    private let prefix: [UInt32]
    /// The last character, where the pattern ends in one.
    private let last: UInt32?
    /// "**text" without any other special character matches every path that ends in the text.
    private let suffix: [UInt32]?

    init(_ pattern: ByteText, isException: Bool) throws(Malformed) {
        self.isException = isException
        let tokens = try Self.tokens(of: IgnoreSubject.units(of: pattern))
        self.tokens = tokens
        let literals = tokens.map { token -> UInt32? in if case .literal(let unit) = token { unit } else { nil } }
        prefix = Array(literals.prefix { $0 != nil }.compactMap(\.self))
        last = literals.last ?? nil
        let tail = literals.dropFirst(2).compactMap(\.self)
        suffix =
            tokens.first == .directories && !tail.isEmpty && tail.count == tokens.count - 2
                && pattern.count > 2 && pattern[2] != .slash ? tail : nil
    }

    private static func tokens(of units: [UInt32]) throws(Malformed) -> [Token] {
        var tokens: [Token] = []
        var rest = units[...]
        while let unit = rest.popFirst() {
            switch unit {
            case UInt32(UInt8.star):
                guard rest.first == UInt32(UInt8.star) else {
                    if tokens.last != .any { tokens.append(.any) }
                    continue
                }
                rest = rest.dropFirst()
                if rest.first == IgnoreSubject.slash { rest = rest.dropFirst() }
                if rest.isEmpty {
                    tokens.append(.everything)
                } else if tokens.last != .throughSlash {
                    tokens += [.directories, .throughSlash]
                }
            case UInt32(UInt8(ascii: "?")): tokens.append(.one)
            case UInt32(UInt8.backslash):
                guard let next = rest.popFirst() else { throw Malformed(message: "ends in a lone \"\\\"") }
                tokens.append(.literal(next))
            case UInt32(UInt8(ascii: "[")): tokens.append(try characterClass(&rest))
            default: tokens.append(.literal(unit))
            }
        }
        return tokens
    }

    private static func characterClass(_ rest: inout ArraySlice<UInt32>) throws(Malformed) -> Token {
        let unclosed = Malformed(message: "has a \"[\" without its \"]\"")
        let isNegated = rest.first == UInt32(UInt8(ascii: "^"))
        if isNegated { rest = rest.dropFirst() }
        var ranges: [ClosedRange<UInt32>] = []
        func member() throws(Malformed) -> UInt32 {
            guard var unit = rest.popFirst() else { throw unclosed }
            if unit == UInt32(UInt8.backslash) {
                guard let next = rest.popFirst() else { throw unclosed }
                unit = next
            } else if unit == UInt32(UInt8(ascii: "-")) || unit == UInt32(UInt8(ascii: "]")) {
                throw Malformed(message: "has a \"[…]\" in which a character is missing")
            }
            return unit
        }
        repeat {
            let low = try member()
            var high = low
            if rest.first == UInt32(UInt8(ascii: "-")) {
                rest = rest.dropFirst()
                high = try member()
            }
            // An inverted range matches nothing.
            if low <= high { ranges.append(low...high) }
            guard !rest.isEmpty else { throw unclosed }
        } while rest.first != UInt32(UInt8(ascii: "]"))
        rest = rest.dropFirst()
        return .oneOf(ranges, isNegated: isNegated)
    }

    /// Whether the path or a directory above it matches.
    func matches(_ subject: IgnoreSubject) -> Bool {
        let units = subject.units
        if let last, subject.lastUnits & IgnoreSubject.bit(last) == 0 { return false }
        guard units.starts(with: prefix) else { return false }
        if prefix.count == tokens.count { return subject.ends.contains(prefix.count) }
        if let suffix { return subject.ends.contains { units[..<$0].suffix(suffix.count).elementsEqual(suffix) } }
        return run(units, isMatch: { place in place == units.count || units[place] == IgnoreSubject.slash }) == .matched
    }

    /// Whether a path that begins with `directory` (which ends in "/") may match.
    func mayMatch(below directory: IgnoreSubject) -> Bool {
        if suffix != nil { return true }
        return run(directory.units, isMatch: { _ in false }) == .alive
    }

    private enum Outcome { case matched, alive, dead }

    /// Follows all places that the pattern may have reached, character by character.
    private func run(_ units: [UInt32], isMatch: (Int) -> Bool) -> Outcome {
        var reached = [Bool](repeating: false, count: tokens.count + 1)
        reached[0] = true
        skipEmpty(&reached)
        if reached[tokens.count], isMatch(0) { return .matched }
        for (index, unit) in units.enumerated() {
            var next = [Bool](repeating: false, count: tokens.count + 1)
            var isAlive = false
            for (place, token) in tokens.enumerated() where reached[place] {
                switch token {
                case .everything: next[place] = true
                case .throughSlash:
                    next[place] = true
                    if unit == IgnoreSubject.slash { next[place + 1] = true }
                case .any where unit != IgnoreSubject.slash: next[place] = true
                case .one where unit != IgnoreSubject.slash: next[place + 1] = true
                case .literal(let wanted) where wanted == unit: next[place + 1] = true
                case .oneOf(let ranges, let isNegated)
                where unit != IgnoreSubject.slash && ranges.contains { $0.contains(unit) } != isNegated:
                    next[place + 1] = true
                default: continue
                }
                isAlive = true
            }
            guard isAlive else { return .dead }
            skipEmpty(&next)
            reached = next
            if reached[tokens.count], isMatch(index + 1) { return .matched }
        }
        return .alive
    }

    /// Steps over tokens that may match nothing.
    private func skipEmpty(_ reached: inout [Bool]) {
        for (place, token) in tokens.enumerated() where reached[place] {
            switch token {
            case .any, .everything: reached[place + 1] = true
            case .directories: (reached[place + 1], reached[place + 2]) = (true, true)
            default: continue
            }
        }
    }
}
