/// Expands variables, quotes and escapes in a word, as the POSIX shell does with the additions that BuildKit has.
struct WordExpander {
    private enum Mode { case plain, pattern }

    private let text: ByteText
    private let escape: UInt8
    private let lookup: (ByteText) -> ByteText?
    private var place = 0
    private var depth = 0
    /// Where unquoted blanks cut the result, for instructions that take several words.
    private var words = ExpandedWords()
    private var budget: ExpansionBudget
    /// False in a here-document, where a quote is a character like any other.
    private var hasQuotes = true
    /// What the result may grow to, in bytes.
    private var limit = DockerfileLimits.wordSize

    /// - Parameters:
    ///   - budget: what the expansion may cost.
    ///   - lookup: the value of a variable; nil when it is not set.
    private init(
        _ text: ByteText, escape: UInt8, budget: ExpansionBudget, lookup: @escaping (ByteText) -> ByteText?
    ) {
        self.text = text
        self.escape = escape
        self.budget = budget
        self.lookup = lookup
    }

    /// The word after expansion, quotes removed.
    static func word(
        _ text: ByteText, escape: UInt8, budget: inout ExpansionBudget, lookup: @escaping (ByteText) -> ByteText?
    ) throws(ExpansionError) -> ByteText {
        var expander = WordExpander(text, escape: escape, budget: budget, lookup: lookup)
        defer { budget = expander.budget }
        return try expander.expand(until: nil, .plain)
    }

    /// The words after expansion: blanks outside quotes separate, those that a variable brings in as well.
    static func words(
        _ text: ByteText, escape: UInt8, budget: inout ExpansionBudget, lookup: @escaping (ByteText) -> ByteText?
    ) throws(ExpansionError) -> [ByteText] {
        var expander = WordExpander(text, escape: escape, budget: budget, lookup: lookup)
        defer { budget = expander.budget }
        _ = try expander.expand(until: nil, .plain)
        return expander.words.finished
    }

    /// A whole text after expansion. Quotes stay; a backslash takes the meaning from what follows, and goes.
    static func document(
        _ text: ByteText, budget: inout ExpansionBudget, lookup: @escaping (ByteText) -> ByteText?
    ) throws(ExpansionError) -> ByteText {
        var expander = WordExpander(text, escape: .backslash, budget: budget, lookup: lookup)
        expander.hasQuotes = false
        expander.limit = DockerfileLimits.fileSize
        defer { budget = expander.budget }
        return try expander.expand(until: nil, .plain)
    }

    private var peek: UInt8? { place < text.count ? text[place] : nil }

    private mutating func take() -> UInt8? {
        guard place < text.count else { return nil }
        place += 1
        return text[place - 1]
    }

    private mutating func expand(until stop: UInt8?, _ mode: Mode) throws(ExpansionError) -> ByteText {
        guard depth <= DockerfileLimits.nesting else {
            throw ExpansionError(.badSubstitution, "\"${\" is nested more than \(DockerfileLimits.nesting) deep")
        }
        // Only the outermost level makes words; what is inside braces comes out as the value of a variable.
        let isOuter = depth == 0
        var result: ByteText = []
        while let byte = take() {
            if byte == stop { return result }
            switch byte {
            case .apostrophe where hasQuotes:
                let part = try singleQuoted()
                result += part
                if isOuter { words.appendQuoted(part) }
            case .quote where hasQuotes:
                let part = try doubleQuoted()
                result += part
                if isOuter { words.appendQuoted(part) }
            case .dollar:
                let part = try variable()
                result += part
                if isOuter { words.append(part) }
            case escape:
                if mode == .pattern { result.append(byte) }
                guard let next = take() else { break }
                result.append(next)
                if isOuter { words.appendQuoted([next]) }
            default:
                result.append(byte)
                if isOuter { words.append([byte]) }
            }
            guard result.count <= limit else { throw .growth }
        }
        if stop != nil { throw .openBrace }
        try budget.spend(result.count)
        return result
    }

    private mutating func singleQuoted() throws(ExpansionError) -> ByteText {
        guard let end = text[place...].firstIndex(of: .apostrophe) else { throw .openQuote("single") }
        defer { place = end + 1 }
        return ByteText(text[place..<end])
    }

    private mutating func doubleQuoted() throws(ExpansionError) -> ByteText {
        var result: ByteText = []
        while let byte = take() {
            switch byte {
            case .quote: return result
            case .dollar: result += try variable()
            case escape:
                guard let next = peek else { throw .openQuote("double") }
                // Before any other character the escape character stands for itself.
                if next == .quote || next == .dollar || next == escape {
                    place += 1
                    result.append(next)
                } else {
                    result.append(byte)
                }
            default: result.append(byte)
            }
            guard result.count <= DockerfileLimits.wordSize else { throw .growth }
        }
        throw .openQuote("double")
    }

    /// What follows a "$".
    private mutating func variable() throws(ExpansionError) -> ByteText {
        guard peek == UInt8(ascii: "{") else {
            let name = takeName()
            return name.isEmpty ? [.dollar] : lookup(name) ?? []
        }
        place += 1
        guard let first = peek else { throw .openBrace }
        if first == UInt8(ascii: "{") || first == UInt8(ascii: "}") || first == UInt8(ascii: ":") {
            throw ExpansionError(.badSubstitution, "\"${\" must be followed by the name of a variable")
        }
        let name = takeName()
        guard var modifier = take() else { throw .openBrace }
        if modifier == UInt8(ascii: "}") { return lookup(name) ?? [] }
        let written = modifier == UInt8(ascii: ":") ? [modifier, peek ?? 0x20] : [modifier]
        let emptyIsUnset = modifier == UInt8(ascii: ":")
        if emptyIsUnset {
            guard let next = take() else { throw .openBrace }
            modifier = next
        }
        depth += 1
        defer { depth -= 1 }
        switch modifier {
        case UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "?"):
            let word = try expand(until: UInt8(ascii: "}"), .plain)
            return try conditional(name, modifier, word, emptyIsUnset: emptyIsUnset)
        case UInt8(ascii: "#") where !emptyIsUnset, UInt8(ascii: "%") where !emptyIsUnset:
            let isLongest = peek == modifier
            if isLongest { place += 1 }
            let pattern = ShellPattern(try expand(until: UInt8(ascii: "}"), .pattern), escape: escape)
            let value = lookup(name) ?? []
            try budget.spend(pattern.cost(for: value))
            return modifier == .hash
                ? pattern.trimmingPrefix(of: value, longest: isLongest)
                : pattern.trimmingSuffix(of: value, longest: isLongest)
        case .slash where !emptyIsUnset:
            let isEvery = peek == .slash
            if isEvery { place += 1 }
            let pattern = ShellPattern(try expand(until: .slash, .pattern), escape: escape)
            let replacement = try expand(until: UInt8(ascii: "}"), .plain)
            let value = lookup(name) ?? []
            try budget.spend(pattern.cost(for: value))
            return try pattern.replacing(in: value, with: replacement, every: isEvery)
        default:
            throw ExpansionError(
                .badSubstitution,
                "\"\(written.string)\" cannot follow a variable's name in \"${…}\"; the forms are ${NAME:-value}, "
                    + "${NAME:+value}, ${NAME:?message}, ${NAME#pattern}, ${NAME%pattern} and ${NAME/pattern/value}")
        }
    }

    private func conditional(
        _ name: ByteText, _ modifier: UInt8, _ word: ByteText, emptyIsUnset: Bool
    ) throws(ExpansionError) -> ByteText {
        let value = lookup(name)
        let isSet = emptyIsUnset ? !(value ?? []).isEmpty : value != nil
        switch modifier {
        case UInt8(ascii: "-"): return isSet ? value ?? [] : word
        case UInt8(ascii: "+"): return isSet ? word : []
        default:
            if isSet { return value ?? [] }
            let complaint = value == nil ? "is not allowed to be unset" : "is not allowed to be empty"
            throw ExpansionError(.variableRequired, "\(name.string): \(word.isEmpty ? complaint : word.string)")
        }
    }

    /// A name: a special parameter, a number, or letters, digits and "_"; empty when none begins here.
    private mutating func takeName() -> ByteText {
        guard let first = peek else { return [] }
        let start = place
        if first.isDigit {
            while let byte = peek, byte.isDigit { place += 1 }
        } else if "@*#?-$!".utf8.contains(first) {
            place += 1
        } else {
            while let length = nameCharacterLength() { place += length }
        }
        return ByteText(text[start..<place])
    }

    /// The bytes of the letter, digit or "_" that begins here; letters of every script count.
    private func nameCharacterLength() -> Int? {
        guard let byte = peek else { return nil }
        if byte < 0x80 { return byte.isLetter || byte.isDigit || byte == UInt8(ascii: "_") ? 1 : nil }
        guard let scalar = text[place...].prefix(4).string.unicodeScalars.first, scalar.properties.isAlphabetic
        else { return nil }
        return UTF8.width(scalar)
    }
}
