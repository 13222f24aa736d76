/// A command line as understood: the options of one verb and its operands.
struct Arguments: Sendable {
    /// The operands in their order.
    private(set) var operands: [Word] = []
    /// Whether `--help` was among the options.
    var wantsHelp = false
    private var given: [String: [Word]] = [:]

    /// Notes an occurrence of an option; an earlier one of an option that is not repeatable is forgotten.
    mutating func add(_ value: Word, to flag: Flag) {
        if flag.isRepeatable {
            given[flag.name, default: []].append(value)
        } else {
            given[flag.name] = [value]
        }
    }

    mutating func add(operand: Word) {
        operands.append(operand)
    }

    /// A switch: nil where it was not given.
    func toggle(_ flag: Flag) -> Bool? {
        given[flag.name]?.last.map { $0.text == "true" }
    }

    /// Whether a switch is on.
    func isOn(_ flag: Flag) -> Bool {
        toggle(flag) ?? false
    }

    /// The option's value as bytes.
    func word(_ flag: Flag) -> Word? {
        given[flag.name]?.last
    }

    /// The option's value. (The parser let only UTF-8 through for an option that is not a path.)
    func text(_ flag: Flag) -> String? {
        given[flag.name]?.last?.text
    }

    /// Every value of a repeatable option, in order.
    func texts(_ flag: Flag) -> [String] {
        words(flag).compactMap(\.text)
    }

    /// Every value of a repeatable option as bytes, in order.
    func words(_ flag: Flag) -> [Word] {
        given[flag.name] ?? []
    }

    /// The value of an option that takes a whole number.
    func number(_ flag: Flag) -> Int? {
        text(flag).flatMap { Int($0) }
    }

    /// The operands as text. Throws a ``UsageError`` where one is not UTF-8.
    func operandTexts(of verb: String) throws(UsageError) -> [String] {
        var texts: [String] = []
        for word in operands {
            guard let text = word.text else {
                throw UsageError(verb: verb, message: "\"\(word.shown)\" is not valid UTF-8")
            }
            texts.append(text)
        }
        return texts
    }
}
