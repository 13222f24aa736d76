/// One option that a verb takes. Parsing, checking and help all read this one declaration.
struct Flag: Sendable {
    /// What an option's value may be.
    enum Value: Sendable {
        /// No value: present, or `=true`, `=false`.
        case none
        /// Any UTF-8 text; the payload names it in the help.
        case text(String)
        /// A path: any bytes.
        case path(String)
        /// One of these words.
        case choice([String])
        /// A whole number in a range.
        case number(String, ClosedRange<Int>)
    }

    /// The headings under which `help` lists options, in this order.
    enum Section: String, CaseIterable, Sendable {
        case general = "Options"
        case definition = "What is built"
        case result = "What comes out"
        case steps = "How steps run"
        case limits = "What a RUN step may use"
        case cache = "Cache and reproducibility"
        case registry = "Registries"
        case progress = "Progress"
        case chutes = "Python definitions, and names that chutes uses"
        case kaniko = "Names that kaniko uses"
        case global = "Everywhere"
    }

    /// The long name without its dashes; also the key under which the value is found.
    let name: String
    /// A one-letter name.
    var short: Character?
    /// Further long names that mean the same.
    var aliases: [String] = []
    /// What follows the name.
    var value: Value = .none
    /// The value that the bare name stands for, where a value may be left out (`--pull`). It can then only be
    /// given with `=`.
    var implied: String?
    /// Whether each occurrence counts; otherwise the last one wins.
    var isRepeatable = false
    /// Whether `--no-NAME` is its opposite.
    var isNegatable = false
    /// Left out of the help.
    var isHidden = false
    /// Where the help lists it.
    var section: Section = .general
    /// One sentence for the help.
    let help: String

    /// A switch.
    static func toggle(
        _ name: String, short: Character? = nil, aliases: [String] = [], negatable: Bool = false,
        hidden: Bool = false, in section: Section = .general, _ help: String
    ) -> Flag {
        Flag(
            name: name, short: short, aliases: aliases, isNegatable: negatable, isHidden: hidden, section: section,
            help: help)
    }

    /// An option with a value.
    static func option(
        _ name: String, short: Character? = nil, aliases: [String] = [], _ value: Value, implied: String? = nil,
        repeatable: Bool = false, hidden: Bool = false, in section: Section = .general, _ help: String
    ) -> Flag {
        Flag(
            name: name, short: short, aliases: aliases, value: value, implied: implied, isRepeatable: repeatable,
            isHidden: hidden, section: section, help: help)
    }

    /// Whether a value must follow.
    var needsValue: Bool {
        if case .none = value { return false }
        return implied == nil
    }

    /// How the help writes the value.
    var valueName: String? {
        switch value {
        case .none: nil
        case .text(let name), .path(let name), .number(let name, _): name
        case .choice(let words): words.joined(separator: "|")
        }
    }
}
