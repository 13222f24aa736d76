import Glibc

/// Measures ocibuild beside the tools that people use today, on the same data, in the same run.
@main struct Bench {
    static func main() {
        guard !CommandLine.arguments.contains("--help"), !CommandLine.arguments.contains("-h") else {
            return print(Options.usage)
        }
        do { try run() } catch {
            let message = Array("ocibuild-bench: \(error)\n".utf8)
            _ = message.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
            exit(error is BenchError ? 2 : 1)
        }
    }

    private static func run() throws {
        let options = try Options(CommandLine.arguments.dropFirst())
        switch options.names.first {
        case "list": print(SuiteCatalogue.list, terminator: "")
        case "render": try render(options.names.dropFirst())
        case "check", "renew": try hold(options)
        case "probe": try probe(options.names.dropFirst())
        default: try measure(options)
        }
    }

    private static func render(_ arguments: ArraySlice<String>) throws {
        guard let results = arguments.first, arguments.count <= 2 else { throw BenchError(Options.usage) }
        let repository = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
        try Renderer.render(results, into: arguments.count == 2 ? arguments[arguments.endIndex - 1] : repository)
    }

    private static func hold(_ options: Options) throws {
        let session = try BenchSession(options: options)
        defer { session.workplace.remove() }
        let file = ThresholdFile(options.names.dropFirst().first)
        if options.names.first == "renew" { try file.renew(session) } else { try file.check(session) }
    }

    /// What ``InstructionCounter`` runs: a probe's name and how often.
    private static func probe(_ arguments: ArraySlice<String>) throws {
        guard arguments.count == 2, let name = arguments.first, let count = arguments.last.flatMap({ Int($0) }),
            let probe = Probe.all.first(where: { $0.name == name })
        else { throw BenchError("probe wants a name of \(Probe.all.map(\.name)) and a number") }
        try probe.run(count)
    }

    private static func measure(_ options: Options) throws {
        let entries = try SuiteCatalogue.chosen(options.names)
        let session = try BenchSession(options: options)
        defer { session.workplace.remove() }
        for entry in entries {
            // One suite that cannot run is no reason to know nothing of the others.
            do { try entry.run(session) } catch { session.note("\(entry.name): \(error)") }
        }
    }
}
