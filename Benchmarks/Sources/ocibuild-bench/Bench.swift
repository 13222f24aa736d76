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
        case "list": print(SuiteCatalogue.list)
        default: try measure(options)
        }
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
