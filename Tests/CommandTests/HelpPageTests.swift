import Testing

@testable import ocibuild

@Suite("Help")
struct HelpPageTests {
    @Test func overviewNamesEveryVerb() {
        let text = HelpPage(width: 80).overview(of: VerbTable.all)
        for verb in VerbTable.all {
            #expect(text.contains("  " + ([verb.name] + verb.aliases).joined(separator: ", ") + " "))
        }
        #expect(text.contains("Usage: ocibuild COMMAND [OPTIONS]"))
    }

    @Test(
        "a verb's page names every option that is not hidden",
        arguments: VerbTable.all.flatMap { [$0.name] + $0.members.map(\.name) })
    func pages(_ name: String) throws {
        let words = name.split(separator: " ").map { Word(String($0)) }
        let group = try CommandLineReader.find(words[0], among: VerbTable.all)
        let verb = words.count > 1 ? try CommandLineReader.find(words[1], in: group) : group
        #expect(verb.name == name)
        let page = HelpPage(width: 80).page(for: verb)
        for flag in verb.flags + GlobalFlags.all {
            let written = flag.isNegatable ? "--[no-]\(flag.name)" : "--\(flag.name)"
            let isListed = [" ", "\n", "["].contains { page.contains("\(written)\($0)") }
            #expect(isListed == !flag.isHidden, "\(written)")
        }
        for line in page.split(separator: "\n") {
            // Option titles and example command lines are never broken.
            let isTitle = line.hasPrefix("  -") || line.hasPrefix("      --") || line.hasPrefix("  ocibuild")
            #expect(isTitle || TextWidth.columns(String(line)) <= 80, "too long: \(line)")
        }
    }

    @Test func onePageInFull() {
        let verb = Verb(
            name: "rmi", aliases: ["untag"], chapter: .images, summary: "Remove names",
            operands: [Verb.Operand(name: "NAME", count: 1...Int.max, help: "The name to remove.")],
            flags: [
                .toggle(
                    "force", short: "f", "A name that is not there is no error, and this goes on to a second line."),
                .option("pull", .choice(["a", "b"]), implied: "a", "Pull."),
            ],
            examples: [(line: "ocibuild rmi x", meaning: "Remove x.")], run: { _, _ in 0 })
        let lines = HelpPage(width: 72).page(for: verb).split(separator: "\n", omittingEmptySubsequences: false)
        #expect(
            lines.prefix(14).map(String.init) == [
                "Usage: ocibuild rmi [OPTIONS] NAME…",
                "",
                "Remove names.",
                "",
                "Also known as: untag",
                "",
                "  NAME                  The name to remove.",
                "",
                "Options:",
                "  -f, --force           A name that is not there is no error, and this",
                "                        goes on to a second line.",
                "      --pull[=a|b]      Pull.",
                "",
                "Everywhere:",
            ])
        #expect(lines.suffix(3).map(String.init) == ["Examples:", "  ocibuild rmi x", "      Remove x."])
    }
}
