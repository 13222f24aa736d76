import FoundationEssentials
import Glibc

/// Measures ocibuild beside the tools that people use today, on the same data, in the same run.
@main struct Bench {
    static func main() {
        guard !CommandLine.arguments.contains("--help"), !CommandLine.arguments.contains("-h") else {
            return print(Options.usage)
        }
        do { try measure() } catch {
            let message = Array("ocibuild-bench: \(error)\n".utf8)
            _ = message.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
            exit(error is BenchError ? 2 : 1)
        }
    }

    private static func measure() throws {
        let options = try Options(CommandLine.arguments.dropFirst())
        let workplace = try Workplace()
        defer { workplace.remove() }
        let suites: [String: (Workplace, Options) throws -> Suite] = [
            "hash": CodecSuites.hash, "compress": CodecSuites.compress, "decompress": CodecSuites.decompress,
        ]
        var results = Results()
        for name in options.suites.isEmpty ? ["hash", "compress", "decompress", "builds"] : options.suites {
            if name == "builds" {
                results.builds = try BuildSuites(workplace: workplace, binary: options.binary).run(
                    rounds: options.rounds)
                continue
            }
            if name == "rungs" {
                results.rungs = try RungSuites(workplace: workplace, binary: options.binary).run(rounds: options.rounds)
                continue
            }
            guard let make = suites[name] else {
                throw BenchError(
                    "there is no suite \(name); there are builds, rungs, \(suites.keys.sorted().joined(separator: ", "))"
                )
            }
            let report = try make(workplace, options).measured(rounds: options.rounds)
            print(report.table)
            results.throughput.append(report)
        }
        guard let path = options.json else { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        try encoder.encode(results).write(to: URL(filePath: path))
    }
}

/// Something that makes measuring impossible.
struct BenchError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// All that was measured.
struct Results: Encodable {
    var throughput: [SuiteReport] = []
    var builds: [BuildReport] = []
    var rungs: [RungReport] = []
}

/// What to measure, and how often.
struct Options {
    /// The `ocibuild` whose builds are measured.
    var binary = "../.build/release/ocibuild"
    /// MiB of sample data.
    var size = 200
    var rounds = 5
    /// Threads of the parallel subjects.
    var threads = max(1, sysconf(CInt(_SC_NPROCESSORS_ONLN)))
    /// Where to write the results as JSON too.
    var json: String?
    var suites: [String] = []

    static let usage =
        "usage: ocibuild-bench [--size MiB] [--rounds N] [--threads N] [--json FILE] [--ocibuild BINARY] [SUITE…]\n"
        + "suites: hash, compress, decompress, builds, rungs; all but rungs where none is named"

    init(_ arguments: some Sequence<String>) throws {
        var rest = Array(arguments)
        func value(_ name: String) throws -> String {
            guard !rest.isEmpty else { throw BenchError("\(name) wants a value") }
            return rest.removeFirst()
        }
        func number(_ name: String) throws -> Int {
            guard let number = Int(try value(name)), number > 0 else { throw BenchError("\(name) wants a number") }
            return number
        }
        while !rest.isEmpty {
            let argument = rest.removeFirst()
            switch argument {
            case "--size": size = try number(argument)
            case "--rounds": rounds = try number(argument)
            case "--threads": threads = try number(argument)
            case "--json": json = try value(argument)
            case "--ocibuild": binary = try value(argument)
            case _ where argument.hasPrefix("-"):
                throw BenchError("there is no option \(argument)\n\(Self.usage)")
            default: suites.append(argument)
            }
        }
        // Builds are started in other folders.
        if !binary.hasPrefix("/"), let here = getcwd(nil, 0) {
            binary = String(cString: here) + "/" + binary
            free(here)
        }
    }
}
