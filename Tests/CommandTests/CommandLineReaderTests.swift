import Testing

@testable import ocibuild

@Suite("Command line: verbs")
struct CommandLineReaderTests {
    private func read(_ words: String...) throws(UsageError) -> CommandLineReader.Request {
        try CommandLineReader.read(words.map { Word($0) }, verbs: VerbTable.all)
    }

    @Test func optionsOfAllCommandsMayComeFirst() throws {
        for words in [["--root", "/x", "images"], ["--root=/x", "images"], ["images", "--root", "/x"]] {
            let request = try CommandLineReader.read(words.map { Word($0) }, verbs: VerbTable.all)
            guard case .run(let verb, let arguments) = request else {
                Issue.record("not a run: \(request)")
                continue
            }
            #expect(verb.name == "images")
            #expect(arguments.text(GlobalFlags.root) == "/x")
        }
    }

    @Test func aliases() throws {
        guard case .run(let verb, _) = try read("bud", ".") else {
            Issue.record("not a run")
            return
        }
        #expect(verb.name == "build")
    }

    @Test func helpInEveryPlace() throws {
        guard case .overview = try read("--help") else {
            Issue.record("--help is not the overview")
            return
        }
        guard case .help(let verb) = try read("push", "--help") else {
            Issue.record("push --help is not its page")
            return
        }
        #expect(verb.name == "push")
        guard case .run(let version, _) = try read("--version") else {
            Issue.record("--version is not the verb")
            return
        }
        #expect(version.name == "version")
    }

    @Test func unknownVerbs() {
        #expect(throws: UsageError(message: "unknown command \"biuld\". Did you mean \"build\"?")) {
            try read("biuld", ".")
        }
        #expect(throws: UsageError(message: "unknown command \"frobnicate\".")) { try read("frobnicate") }
        #expect(throws: UsageError(message: "no command given")) { try read() }
        #expect(throws: UsageError(message: "--root needs a value: DIR")) { try read("--root") }
        #expect(throws: UsageError(message: "no command given")) { try read("--root", "/x") }
        #expect(
            throws: UsageError(
                message: "\"--verison\" stands before the command, where only options of all commands may."
                    + " Did you mean \"--version\"?")
        ) { try read("--verison") }
        #expect(
            throws: UsageError(
                message: "\"--rot\" stands before the command, where only options of all commands may."
                    + " Did you mean \"--root\"?")
        ) { try read("--rot", "/x", "build") }
    }

    @Test func declarationsDoNotCollide() {
        for verb in VerbTable.all {
            let flags = verb.flags + GlobalFlags.all
            let names = flags.flatMap { flag in
                [flag.name] + flag.aliases + (flag.isNegatable ? ["no-\(flag.name)"] : [])
            }
            #expect(Set(names).count == names.count, "\(verb.name) declares an option twice")
            let letters = flags.compactMap(\.short)
            #expect(Set(letters).count == letters.count, "\(verb.name) declares a letter twice")
            #expect(!letters.contains("h"))
        }
        let verbs = VerbTable.all.flatMap { [$0.name] + $0.aliases }
        #expect(Set(verbs).count == verbs.count)
    }

    @Test func everyOptionOfTheIssueIsThere() {
        let expected = [
            "tag", "file", "target", "build-arg", "platform", "no-cache", "pull", "push", "isolation", "network",
            "compression", "progress", "quiet", "iidfile", "metadata-file", "output", "ca-bundle",
        ]
        let names = Set(BuildVerb.verb.flags.map(\.name))
        #expect(expected.filter { !names.contains($0) } == [])
    }

    @Test func nearestWords() {
        #expect(Suggestion.nearest(to: "iamges", among: ["images", "inspect"]) == "images")
        #expect(Suggestion.nearest(to: "x", among: ["rmi"]) == nil)
        #expect(Suggestion.nearest(to: "images", among: ["inspect", "tags"]) == nil)
    }
}
