import Testing

@testable import ocibuild

@Suite("Command line: options and operands")
struct ArgumentParserTests {
    private static let tag = Flag.option("tag", short: "t", .text("NAME"), repeatable: true, "Name it.")
    private static let file = Flag.option("file", short: "f", aliases: ["dockerfile"], .path("FILE"), "The file.")
    private static let quiet = Flag.toggle("quiet", short: "q", "Say less.")
    private static let force = Flag.toggle("force", short: "x", "Insist.")
    private static let push = Flag.toggle("push", negatable: true, "Push.")
    private static let pull = Flag.option("pull", .choice(["always", "missing"]), implied: "always", "Pull.")
    private static let jobs = Flag.option("jobs", .number("N", 1...64), "Jobs.")
    private static let secret = Flag.option("hidden-thing", .text("X"), hidden: true, "Hidden.")
    private static let verb = Verb(
        name: "build", chapter: .images, summary: "Build",
        operands: [Verb.Operand(name: "PATH", count: 0...1, help: "The context.")],
        flags: [tag, file, quiet, force, push, pull, jobs, secret], run: { _, _ in 0 })

    private func parse(_ words: String...) throws(UsageError) -> Arguments {
        try ArgumentParser.parse(words.map { Word($0) }, for: Self.verb)
    }

    private func message(_ words: String...) -> String? {
        do throws(UsageError) {
            _ = try ArgumentParser.parse(words.map { Word($0) }, for: Self.verb)
            return nil
        } catch {
            return error.message
        }
    }

    @Test(
        "values in every spelling",
        arguments: [
            ["--tag", "a"], ["--tag=a"], ["-t", "a"], ["-ta"], ["-t=a"], ["-qta"], ["-qt", "a"],
        ])
    func spellings(_ words: [String]) throws {
        let arguments = try ArgumentParser.parse(words.map { Word($0) }, for: Self.verb)
        #expect(arguments.texts(Self.tag) == ["a"])
        #expect(arguments.operands.isEmpty)
    }

    @Test func repeatableKeepsAllOthersKeepTheLast() throws {
        let arguments = try parse("-t", "a", "-f", "one", ".", "--tag=b", "--dockerfile", "two")
        #expect(arguments.texts(Self.tag) == ["a", "b"])
        #expect(arguments.text(Self.file) == "two")
        #expect(arguments.operands == [Word(".")])
    }

    @Test func joinedSwitches() throws {
        let arguments = try parse("-qx")
        #expect(arguments.isOn(Self.quiet) && arguments.isOn(Self.force))
    }

    @Test func switchesCanBeTurnedOff() throws {
        #expect(try parse("--push").toggle(Self.push) == true)
        #expect(try parse("--no-push").toggle(Self.push) == false)
        #expect(try parse("--push=false").toggle(Self.push) == false)
        #expect(try parse("--push", "--no-push").toggle(Self.push) == false)
        #expect(try parse(".").toggle(Self.push) == nil)
    }

    @Test func impliedValueNeverEatsTheOperand() throws {
        let arguments = try parse("--pull", ".")
        #expect(arguments.text(Self.pull) == "always")
        #expect(arguments.operands == [Word(".")])
        #expect(try parse("--pull=missing").text(Self.pull) == "missing")
    }

    @Test func doubleDashEndsOptionsAndDashIsAnOperand() throws {
        #expect(try parse("--", "--tag").operands == [Word("--tag")])
        #expect(try parse("-").operands == [Word("-")])
        #expect(try parse("-f", "-").text(Self.file) == "-")
    }

    @Test func valuesMayBeginWithADashOrHoldEqualSigns() throws {
        #expect(try parse("-t", "-x9").texts(Self.tag) == ["-x9"])
        #expect(try parse("--tag=A=B=C").texts(Self.tag) == ["A=B=C"])
        #expect(try parse("--tag=").texts(Self.tag) == [""])
    }

    @Test func pathsAreBytes() throws {
        let name = Word(bytes: [0x61, 0xFF, 0x62])
        let arguments = try ArgumentParser.parse([Word("-f"), name, name], for: Self.verb)
        #expect(arguments.word(Self.file)?.bytes == [0x61, 0xFF, 0x62])
        #expect(arguments.operands == [name])
        #expect(throws: UsageError(verb: "build", message: "--tag: \"a\\xffb\" is not valid UTF-8")) {
            try ArgumentParser.parse([Word("--tag"), name], for: Self.verb)
        }
    }

    @Test func mistakesSayWhatWasMeant() {
        #expect(message("--tga", "x") == "unknown option \"--tga\". Did you mean \"--tag\"?")
        #expect(message("--no-psuh") == "unknown option \"--no-psuh\". Did you mean \"--no-push\"?")
        #expect(message("--dockerfil=x") == "unknown option \"--dockerfil\". Did you mean \"--dockerfile\"?")
        #expect(message("--something-else") == "unknown option \"--something-else\".")
        #expect(message("--hidden-thin", "x") == "unknown option \"--hidden-thin\".")
        #expect(message("-qz") == "unknown option \"-z\" in \"-qz\".")
        #expect(message("--pull=allways") == "--pull: \"allways\" is none of always, missing. Did you mean \"always\"?")
        #expect(message("--jobs", "0") == "--jobs: \"0\" is not a whole number from 1 to 64")
        #expect(message("--jobs", "99999999999999999999") != nil)
        #expect(message("--tag") == "--tag needs a value: NAME")
        #expect(message("-t", "--push") == "-t needs a value (NAME), but --push follows")
        #expect(message("--push=maybe") == "--push is a switch: \"maybe\" is neither true nor false")
        #expect(message("--no-push=1") == "--no-push takes no value")
        #expect(message("a", "b") == "one argument too many: \"b\"")
        #expect(message("--file=") == "--file needs a path, not an empty word")
    }

    @Test func messagesCannotSteerTheTerminal() {
        #expect(message("--\u{1B}[2J") == "unknown option \"--\\x1b[2J\".")
        #expect(message("a", "b\u{1B}]0;x\u{7}") == "one argument too many: \"b\\x1b]0;x\\x07\"")
    }

    @Test func helpNeedsNothingElseToBeRight() throws {
        #expect(try parse("--help").wantsHelp)
        #expect(try parse("-h", "--nonsense").wantsHelp)
        #expect(try parse(".", "-qh").wantsHelp)
    }

    @Test func missingOperandIsNamed() {
        #expect(throws: UsageError(verb: "rmi", message: "rmi needs NAME: The name to remove.")) {
            try ArgumentParser.parse([], for: RemoveVerb.verb)
        }
        #expect(throws: UsageError(verb: "tag", message: "tag needs NEW: What else it shall be called.")) {
            try ArgumentParser.parse([Word("a")], for: TagVerb.verb)
        }
        #expect(throws: UsageError(verb: "version", message: "version takes no argument, but was given \"x\"")) {
            try ArgumentParser.parse([Word("x")], for: VersionVerb.verb)
        }
    }
}
