import Glibc

/// What to measure, and how often.
struct Options {
    /// The `ocibuild` whose builds are measured.
    var binary = "../.build/release/ocibuild"
    /// MiB of sample data.
    var size = 100
    var rounds = 5
    /// Seconds after which a builder takes part in no further round of a phase; in one it always does. Of a micro suite a
    /// subject may use twice as much.
    var budget = 4.0
    /// Threads of the parallel subjects.
    var threads = max(1, sysconf(CInt(_SC_NPROCESSORS_ONLN)))
    /// Where to write the results as JSON too.
    var json: String?
    /// The builders that take part; all where none is named.
    var peers: Set<String> = []
    /// The phases of builds that are measured; all where none is named.
    var phases: Set<String> = []
    /// What is left after the options: suites, or what a verb works on.
    var names: [String] = []

    static let usage = """
        usage: ocibuild-bench [OPTION…] [SUITE or GROUP…]   measure; everything where none is named
               ocibuild-bench list                          the suites, and their groups
               ocibuild-bench render RESULTS.json [FOLDER]  tables and charts of a run, and into the READMEs of FOLDER
               ocibuild-bench check [FILE]                  hold the thresholds; says what was exceeded, by how much
               ocibuild-bench renew [FILE]                  measure the thresholds anew

          --ocibuild BINARY  the command to measure (../.build/release/ocibuild)
          --rounds N         interleaved rounds (5)
          --budget SECONDS   of a builder in one phase, after which it gets no further round (4)
          --peers A,B        the builders beside it: ocibuild, buildah, podman, docker, buildkit, kaniko, skopeo+umoci
          --phases A,B       cold, unchanged, changed, push, pull, remote
          --size MiB         of sample data (100)
          --threads N        of parallel subjects (the processors' number)
          --json FILE        write the results, after every step

        Programs are looked for on the PATH; OCIBUILD_BENCH_DOCKERD, _BUILDKITD, _BUILDCTL and _KANIKO name others.
        """

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
        func words(_ name: String) throws -> Set<String> {
            Set(try value(name).split(separator: ",").map(String.init))
        }
        while !rest.isEmpty {
            let argument = rest.removeFirst()
            switch argument {
            case "--size": size = try number(argument)
            case "--rounds": rounds = try number(argument)
            case "--budget": budget = Double(try number(argument))
            case "--threads": threads = try number(argument)
            case "--json": json = try value(argument)
            case "--ocibuild": binary = try value(argument)
            case "--peers": peers = try words(argument)
            case "--phases": phases = try words(argument)
            case _ where argument.hasPrefix("-"):
                throw BenchError("there is no option \(argument)\n\(Self.usage)")
            default: names.append(argument)
            }
        }
        // Builds are started in other folders.
        if !binary.hasPrefix("/"), let here = getcwd(nil, 0) {
            binary = String(cString: here) + "/" + binary
            free(here)
        }
    }
}
