import FoundationEssentials
import Glibc

/// Measures ocibuild beside the tools that people use today, on the same data, in the same run.
@main struct Bench {
    static func main() throws {
        let options = try Options(CommandLine.arguments.dropFirst())
        let workplace = try Workplace()
        defer { workplace.remove() }
        let suites: [String: (Workplace, Options) throws -> Suite] = [
            "hash": CodecSuites.hash, "compress": CodecSuites.compress, "decompress": CodecSuites.decompress,
        ]
        var reports: [SuiteReport] = []
        for name in options.suites.isEmpty ? ["hash", "compress", "decompress"] : options.suites {
            guard let make = suites[name] else {
                throw BenchError("there is no suite \(name); there are \(suites.keys.sorted().joined(separator: ", "))")
            }
            let report = try make(workplace, options).measured(rounds: options.rounds)
            print(report.table)
            reports.append(report)
        }
        guard let path = options.json else { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        try encoder.encode(reports).write(to: URL(filePath: path))
    }
}

/// Something that makes measuring impossible.
struct BenchError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// What to measure, and how often.
struct Options {
    /// MiB of sample data.
    var size = 200
    var rounds = 5
    /// Threads of the parallel subjects.
    var threads = max(1, sysconf(CInt(_SC_NPROCESSORS_ONLN)))
    /// Where to write the results as JSON too.
    var json: String?
    var suites: [String] = []

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
            case _ where argument.hasPrefix("-"):
                throw BenchError("usage: ocibuild-bench [--size MiB] [--rounds N] [--threads N] [--json FILE] [SUITE…]")
            default: suites.append(argument)
            }
        }
    }
}
