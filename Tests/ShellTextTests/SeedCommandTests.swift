import LinuxSystem
import ShellText
import Testing

/// The commands of the documents, run by real shells; the tools are stand-ins that record how they were called.
@Suite struct SeedCommandTests {
    static let shells: [[String]] = [["dash"], ["busybox", "sh"]]
    static let tools = ["apt", "apt-get", "apk", "pip", "pip3", "python", "conda", "git", "curl", "wget", "rm"]

    @Test func thereAreNineteen() {
        #expect(SeedCommand.all.count == 19)
    }

    @Test(arguments: SeedCommand.all, shells)
    func theVectorsThatReachTheTools(command: SeedCommand, shell: [String]) throws {
        let text = CommandText.normalized(command.text, rule: .auto)
        let run = try Self.run(text, shell: shell)
        #expect(run.status == 0, "\(run.error)")
        #expect(run.vectors == command.vectors, "\(text)")
        let written = command.isMisread ? command.text.split(separator: "\n").filter { $0.contains(">=") }.count : 0
        #expect(run.strayFiles.count == written, "\(run.strayFiles)")
        #expect(run.strayFiles.allSatisfy { $0.hasPrefix("=") })
    }

    /// Each that a shell misreads is found, and the command that is offered instead gives what was meant.
    @Test(arguments: SeedCommand.all, shells)
    func theCommandThatIsOffered(command: SeedCommand, shell: [String]) throws {
        let findings = CommandLint.findings(in: command.text, context: CommandContext())
        let versions = findings.filter { $0.code == .unquotedVersion }
        #expect(versions.count == (command.isMisread ? 1 : 0))
        #expect(findings.count == versions.count)
        guard let suggestion = versions.first?.suggestion else { return }
        let run = try Self.run(String(suggestion.trimmingPrefix("write: ")), shell: shell)
        #expect(run.strayFiles == [])
        let wanted = command.text.split(whereSeparator: { " \n\\".contains($0) }).map(String.init)
        #expect(run.vectors == [wanted])
    }

    struct Run {
        let status: Int32
        let vectors: [[String]]
        let strayFiles: [String]
        let error: String
    }

    /// Runs `text` in an empty folder, with nothing on the PATH but the stand-ins.
    static func run(_ text: String, shell: [String]) throws -> Run {
        let folder = try TemporaryDirectory(prefix: "shelltext-")
        let tools = folder.path.appending("tools")
        let work = folder.path.appending("work")
        let log = folder.path.appending("log")
        try FileSystem.makeDirectory(tools)
        try FileSystem.makeDirectory(work)
        try FileSystem.writeFile(log, [])
        for tool in Self.tools {
            let script = """
                #!/bin/sh
                printf '%s\\000' "$#" "${0##*/}" "$@" >>'\(log)'

                """
            try FileSystem.writeFile(tools.appending(Path(tool)), Array(script.utf8), mode: 0o755)
        }
        // busybox prefers its own rm to one on the PATH, and no test may ever run a real one: a function comes first. No
        // file name is completed either, so that the vectors are those of the text.
        let guarded = "cd '\(work)'; set -f; rm() { '\(tools)/rm' \"$@\"; }\n\(text)"
        // The shell is found on this machine's PATH before the environment of the child is set.
        let outcome = try ChildProcess.run(
            ["env", "-i", "PATH=/usr/bin:/bin"] + shell + [
                "-c", "PATH='\(tools)'; HOME=/home/of/nobody; export PATH HOME\n\(guarded)",
            ])
        var fields = try FileSystem.readFile(log).split(separator: 0, omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }[...]
        var vectors: [[String]] = []
        while let count = fields.popFirst().flatMap(Int.init) {
            vectors.append(Array(fields.prefix(count + 1)))
            fields = fields.dropFirst(count + 1)
        }
        let stray = try DirectoryListing.entries(at: work).map(\.name.description).sorted()
        return Run(
            status: outcome.status, vectors: vectors, strayFiles: stray,
            error: String(decoding: outcome.error, as: UTF8.self))
    }
}
