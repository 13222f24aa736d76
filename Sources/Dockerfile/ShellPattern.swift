/// A pattern of `${name#pattern}` and its kin: "*" is any text, "?" one character, an escaped character itself.
///
/// Matched by keeping the set of places that the pattern may have reached, in time proportional to text times pattern:
/// no input makes it slow.
struct ShellPattern {
    private enum Token: Equatable {
        case literal(Unicode.Scalar)
        case one
        case any
    }

    private let tokens: [Token]

    init(_ pattern: ByteText, escape: UInt8) {
        var tokens: [Token] = []
        var isEscaped = false
        for scalar in pattern.string.unicodeScalars {
            switch scalar {
            case _ where isEscaped:
                tokens.append(.literal(scalar))
                isEscaped = false
            case Unicode.Scalar(escape): isEscaped = true
            case "*": if tokens.last != .any { tokens.append(.any) }
            case "?": tokens.append(.one)
            default: tokens.append(.literal(scalar))
            }
        }
        self.tokens = tokens
    }

    private init(tokens: [Token]) {
        self.tokens = tokens
    }

    /// How many steps matching against `value` takes at most.
    func cost(for value: ByteText) -> Int {
        (tokens.count + 1) * (value.count + 1)
    }

    /// `value` without the shortest or longest beginning that matches.
    func trimmingPrefix(of value: ByteText, longest: Bool) -> ByteText {
        let scalars = Array(value.string.unicodeScalars)
        guard let length = match(scalars[...], longest: longest).length else { return value }
        return Self.bytes(scalars[length...])
    }

    /// `value` without the shortest or longest end that matches.
    func trimmingSuffix(of value: ByteText, longest: Bool) -> ByteText {
        let reversed = Array(value.string.unicodeScalars.reversed())
        let pattern = ShellPattern(tokens: tokens.reversed())
        guard let length = pattern.match(reversed[...], longest: longest).length else { return value }
        return Self.bytes(reversed[length...].reversed())
    }

    /// `value` with the first match, or every one, replaced; the longest match at each place counts.
    func replacing(in value: ByteText, with replacement: ByteText, every: Bool) throws(ExpansionError) -> ByteText {
        guard !tokens.isEmpty else { return value }
        let scalars = Array(value.string.unicodeScalars)
        var result: ByteText = []
        var place = 0
        while place < scalars.count || (scalars.isEmpty && result.isEmpty) {
            let found = match(scalars[place...], longest: true)
            if let length = found.length, length > 0 || scalars.isEmpty {
                result += replacement
                place += length
                if !every || scalars.isEmpty { break }
            } else if found.sawAny {
                // A "*" that was reached here takes in every later start too: if this fails, they all do.
                break
            } else {
                result += Array(String(scalars[place]).utf8)
                place += 1
            }
            guard result.count <= DockerfileLimits.wordSize else { throw .growth }
        }
        return result + Self.bytes(scalars[min(place, scalars.count)...])
    }

    /// The length of the match at the start of `text`, and whether a "*" was reached on the way.
    private func match(_ text: ArraySlice<Unicode.Scalar>, longest: Bool) -> (length: Int?, sawAny: Bool) {
        var reached = [Bool](repeating: false, count: tokens.count + 1)
        reached[0] = true
        var sawAny = close(&reached)
        var found = reached[tokens.count] ? 0 : nil
        for (index, scalar) in text.enumerated() {
            if found != nil, !longest { break }
            var next = [Bool](repeating: false, count: tokens.count + 1)
            var isAlive = false
            for (place, token) in tokens.enumerated() where reached[place] {
                switch token {
                case .any: next[place] = true
                case .one: next[place + 1] = true
                case .literal(let wanted) where wanted == scalar: next[place + 1] = true
                case .literal: continue
                }
                isAlive = true
            }
            guard isAlive else { break }
            if close(&next) { sawAny = true }
            reached = next
            if reached[tokens.count] { found = index + 1 }
        }
        return (found, sawAny)
    }

    /// Steps over each "*" that may match nothing; whether there was one.
    private func close(_ reached: inout [Bool]) -> Bool {
        var sawAny = false
        for (place, token) in tokens.enumerated() where reached[place] && token == .any {
            reached[place + 1] = true
            sawAny = true
        }
        return sawAny
    }

    private static func bytes(_ scalars: some Sequence<Unicode.Scalar>) -> ByteText {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars)
        return Array(String(text).utf8)
    }
}
