import Glibc
import LinuxSystem
import TestSupport
import Testing

/// Every fenced example of the documents that say what users know, run as it stands.
@Suite("The documents' examples")
struct ExampleTests {
    /// What becomes of each block, checked by a person: `Fixtures/examples/outcomes.md`. With `OCIBUILD_RECORD_EXAMPLES`
    /// in the environment, the test writes what it finds there instead of comparing.
    @Test(.documents) func everyBlock() async throws {
        let bench = try await ExampleBench()
        var found: [(title: String, text: String)] = []
        for document in SeedBlock.documents {
            for block in try SeedBlock.all(of: document) {
                found.append((block.title, try await outcome(of: block, on: bench)))
            }
        }
        let text = found.map { "## \($0.title)\n\n\($0.text)\n" }.joined(separator: "\n")
        print(text)
        let table = ExampleBench.fixtures / "outcomes.md"
        if getenv("OCIBUILD_RECORD_EXAMPLES") != nil {
            try FileSystem.writeFile(table, Array((Self.head + text).utf8))
            return
        }
        let sections = Self.sections(of: String(decoding: try FileSystem.readFile(table), as: UTF8.self))
        #expect(found.count == sections.count)
        for (title, text) in found {
            #expect(sections[title] == text, "\(title) is not as Fixtures/examples/outcomes.md has it")
        }
    }

    private static let head = """
        # What becomes of every example

        Each fenced block of the documents, by the line of its fence and the beginning of its SHA-256. Below it are its
        images, each with the arguments that reached the tools in its base, what was warned of, and how it failed where
        it did. Bases are stand-ins whose tools say what they were called with (`tool`); `run_block.py` says how a block
        is run. The tests compare this with what happens, so a change of a document or of a command is seen here.


        """

    private static func sections(of text: String) -> [String: String] {
        var sections: [String: String] = [:]
        for part in ("\n" + text).split(separator: "\n## ").dropFirst() {
            let title = part.prefix { $0 != "\n" }
            var body = part.dropFirst(title.count)
            while body.first == "\n" { body.removeFirst() }
            while body.last == "\n" { body.removeLast() }
            sections[String(title)] = String(body)
        }
        return sections
    }

    private func outcome(of block: SeedBlock, on bench: ExampleBench) async throws -> String {
        guard block.language == "python" else { return try await shell(block, on: bench) }
        var lines = ["How: \(block.mode)", ""]
        for entry in try await bench.list(block) {
            let words = entry.split(separator: " ", maxSplits: 1).map(String.init)
            switch words.first {
            case "image":
                let names = words[1].split(separator: " ").map(String.init)
                let result = try await bench.build(names[0], of: block)
                lines += describe(names, result)
                if result.complaint == nil {
                    lines += try await bench.configuration(of: names[1]).map { "  - \($0)" }
                }
            case "chute": lines += describe([words[1], "", ""], try await bench.build(words[1], of: block))
            case "test": lines.append("- \(words[1].filter { $0 != " " }): passes")
            case "ready": lines.append("- ready-made, nothing to build: \(words[1])")
            case "signature": lines.append("- Image has it: \(words[1])")
            default: lines.append(entry)
            }
        }
        return lines.joined(separator: "\n")
    }

    /// The command lines of a block.
    private func shell(_ block: SeedBlock, on bench: ExampleBench) async throws -> String {
        let commands = block.text.split(separator: "\n").map { String($0.drop { $0 == "▶" || $0 == " " }) }
        guard block.document != "beaker-images" else {
            return "Run, and its output compared, by `Tests/CommandTests/BeakerDocumentTests.swift`:\n\n"
                + commands.filter { $0.hasPrefix("beaker ") || $0.hasPrefix("docker ") }.map { "      \($0)" }
                .joined(separator: "\n")
        }
        var lines = ["How: in a folder with my_chute.py, whose chute has the image of the Basic Custom Image", ""]
        for command in commands where command.hasPrefix("chutes ") {
            let result = try await bench.chutes(command)
            lines.append("- `\(command)`: \(result.complaint.map { "fails: \($0)" } ?? "built")")
            lines += result.calls.map { "      \($0)" }
            for call in result.calls where call.hasPrefix("python -c '") { expectPython(call.dropFirst(11).dropLast()) }
        }
        return lines.joined(separator: "\n")
    }

    /// Expects that the program given to `python -c` is one: it may have lost an indentation too many or too few.
    private func expectPython(_ shown: Substring) {
        let program = shown.split(separator: "\\n", omittingEmptySubsequences: false).joined(separator: "\n")
        let outcome = try? ChildProcess.run(
            ["python3", "-c", "import ast, sys; ast.parse(sys.stdin.read())"], input: Array(program.utf8))
        #expect(outcome?.status == 0, "\(program)")
    }

    private func describe(_ names: [String], _ result: ExampleBench.Result) -> [String] {
        let origin = names[1].isEmpty ? "" : " \(names[1]) from \(names[2])"
        var lines = ["- \(names[0])\(origin): \(result.complaint == nil ? "built" : "fails")"]
        lines += result.calls.map { "      \($0)" }
        lines += result.warnings.map { "  - \($0.split(separator: "\n").joined(separator: "\n    "))" }
        if let complaint = result.complaint {
            // Where the repository and the bench's folder lie says nothing.
            let places = ["\(ExampleBench.fixtures)/", "\(result.folder)/"]
            let text = places.reduce(complaint) { text, place in
                text.split(separator: place, omittingEmptySubsequences: false).joined()
            }
            lines += text.split(separator: "\n").map { "  > \($0)" }
        }
        return lines
    }
}
