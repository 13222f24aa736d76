/// One command of the program: its names, what it takes, and what it does.
struct Verb: Sendable {
    /// An argument that is not an option.
    struct Operand: Sendable {
        /// How the help names it, in capitals.
        let name: String
        /// How many of it must and may be given.
        let count: ClosedRange<Int>
        /// One sentence for the help.
        let help: String
    }

    /// The headings of the list of verbs, in this order.
    enum Chapter: String, CaseIterable, Sendable {
        case images = "Images"
        case registries = "Registries"
        case files = "Files"
        case machine = "This machine"
    }

    /// What is typed; of a member of a group, the group's name, a space and its own.
    var name: String
    var aliases: [String] = []
    let chapter: Chapter
    /// One line for the list of verbs.
    var summary: String
    /// What a person should know beyond the options, as paragraphs.
    var details: [String] = []
    var operands: [Operand] = []
    var flags: [Flag] = []
    /// Command lines to try, each with what it does.
    var examples: [(line: String, meaning: String)] = []
    /// Whether it reads or writes file trees of images, whose files belong to many users.
    var handlesTrees = false
    /// The commands of a group, which is nothing by itself.
    var members: [Verb] = []
    /// Does the work; the result is the exit status.
    let run: @Sendable (Arguments, Console) async throws -> Int32

    /// The same command as a member of a group.
    func member(_ name: String, aliases: [String] = [], summary: String? = nil) -> Verb {
        var verb = self
        verb.name = name
        verb.aliases = aliases
        verb.summary = summary ?? self.summary
        verb.examples = []
        return verb
    }

    /// How many operands there may be, all kinds together.
    var operandCount: ClosedRange<Int> {
        let least = operands.reduce(0) { $0 + $1.count.lowerBound }
        let most = operands.reduce(0) { $0.addingReportingOverflow($1.count.upperBound).partialValue }
        return least...(operands.contains { $0.count.upperBound == Int.max } ? Int.max : most)
    }
}
