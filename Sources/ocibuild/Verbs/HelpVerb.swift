/// `ocibuild help`.
enum HelpVerb {
    static let verb = Verb(
        name: "help", chapter: .machine, summary: "Show what commands there are, or the options of one",
        operands: [
            Verb.Operand(name: "COMMAND", count: 0...2, help: "The command to explain, or a topic: rootless, cache.")
        ],
        run: run)

    static func run(_ arguments: Arguments, _ console: Console) async throws -> Int32 {
        let page = HelpPage(console)
        guard let word = arguments.operands.first else {
            console.print(page.overview(of: VerbTable.all))
            return 0
        }
        if let topic = HelpTopic.all.first(where: { $0.name == word.text }) {
            console.print(page.page(for: topic))
            return 0
        }
        var verb = try CommandLineReader.find(word, among: VerbTable.all)
        if arguments.operands.count > 1 {
            guard !verb.members.isEmpty else { throw UsageError(message: "\(verb.name) has no commands of its own") }
            verb = try CommandLineReader.find(arguments.operands[1], in: verb)
        }
        console.print(page.page(for: verb))
        return 0
    }
}

extension HelpPage {
    /// Help for standard output as it is.
    init(_ console: Console) {
        let style = Style(usesColor: console.output.usesColor, usesUnicode: console.output.usesUnicode)
        self.init(width: Console.terminalSize(of: 1).columns, style: style)
    }
}
