/// `ocibuild help`.
enum HelpVerb {
    static let verb = Verb(
        name: "help", chapter: .machine, summary: "Show what commands there are, or the options of one",
        operands: [Verb.Operand(name: "COMMAND", count: 0...1, help: "The command to explain.")],
        run: run)

    static func run(_ arguments: Arguments, _ console: Console) async throws -> Int32 {
        let page = HelpPage(console)
        guard let word = arguments.operands.first else {
            console.print(page.overview(of: VerbTable.all))
            return 0
        }
        console.print(page.page(for: try CommandLineReader.find(word, among: VerbTable.all)))
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
