import LinuxSystem
import OCISpec
import Testing

@Suite("The command: words it does not understand")
struct UsageEndToEndTests {
    @Test func helpAndVersion() async throws {
        let bench = try CommandBench()
        let help = try await bench.run("help")
        #expect(help.status == 0 && help.error.isEmpty)
        #expect(help.output.hasPrefix("ocibuild builds OCI images without Docker and without a daemon.\n"))
        #expect(try await bench.run("--help").output == help.output)
        let page = try await bench.run("help", "build")
        #expect(page.status == 0 && page.output.contains("--tag NAME[:TAG]"))
        #expect(try await bench.run("build", "--help").output == page.output)
        #expect(try await bench.run("version").output.hasPrefix("ocibuild "))
        #expect(try await bench.run("version", "--json").output.hasPrefix("{\"architecture\":"))
        let nothing = try await bench.run()
        #expect(nothing.status == 2 && nothing.output.isEmpty && nothing.error.contains("Usage:"))
    }

    @Test func mistakes() async throws {
        let bench = try CommandBench()
        func expect(_ arguments: [String], _ error: String) async throws {
            let outcome = try await bench.script(
                "\"$OCIBUILD\" " + arguments.map { "'\($0)'" }.joined(separator: " "))
            #expect(outcome.status == 2)
            #expect(outcome.output.isEmpty)
            #expect(outcome.error == error)
        }
        try await expect(
            ["biuld", "."], "ocibuild: unknown command \"biuld\". Did you mean \"build\"?\nTry: ocibuild help\n")
        try await expect(
            ["build", "--tga", "x", "."],
            "ocibuild: unknown option \"--tga\". Did you mean \"--tag\"?\nTry: ocibuild help build\n")
        try await expect(
            ["build", "-t", "a b", "."],
            "ocibuild: \"a b\" is no image name: " + Self.reason("a b") + "\nTry: ocibuild help build\n")
        try await expect(
            ["help", "pusj"], "ocibuild: unknown command \"pusj\". Did you mean \"push\"?\nTry: ocibuild help\n")
        try await expect(["rmi"], "ocibuild: rmi needs NAME: The name to remove.\nTry: ocibuild help rmi\n")
    }

    /// What the library says of a bad reference.
    private static func reason(_ text: String) -> String {
        do {
            _ = try Reference(parsing: text)
            return "nothing"
        } catch {
            return error.message
        }
    }

    @Test func wherePrintedTextGoes() async throws {
        let bench = try CommandBench()
        let piped = try await bench.script("\"$OCIBUILD\" help | head -1; exit 0")
        #expect(piped.output.hasPrefix("ocibuild builds") && piped.error.isEmpty)
        let full = try await bench.script("\"$OCIBUILD\" help >/dev/full")
        #expect(full.status == 125)
        #expect(full.error == "ocibuild: error: standard output cannot be written to: No space left on device\n")
        let coloured = try await bench.run("nonsense", environment: ["CLICOLOR_FORCE": "1"])
        #expect(coloured.status == 2)
        let help = try await bench.run("help", environment: ["CLICOLOR_FORCE": "1"])
        #expect(help.output.contains("\u{1B}[1m"))
        let refused = try await bench.run("help", environment: ["CLICOLOR_FORCE": "1", "NO_COLOR": "1"])
        #expect(!refused.output.contains("\u{1B}"))
    }
}
