import LinuxSystem
import Testing

@Suite("The command: limits")
struct LimitEndToEndTests {
    private func build(_ command: String, _ options: String...) async throws -> CommandBench.Outcome {
        let bench = try CommandBench()
        try await bench.importBase()
        let context = try bench.context("FROM localhost/base:1\nRUN \(command)\n")
        let words = options.map { "'\($0)'" }.joined(separator: " ")
        return try await bench.script("\"$OCIBUILD\" build --progress plain \(words) '\(context)'")
    }

    @Test("a step that takes too long", arguments: ["root", "chroot", "single"])
    func timeout(_ isolation: String) async throws {
        let ended = try await build("trap '' TERM; sleep 100000", "--timeout", "1500ms", "--isolation", isolation)
        #expect(ended.status == 124, "\(ended)")
        #expect(ended.error.contains("step killed: it took longer than 1.5s (--timeout)"), "\(ended)")
    }

    @Test("a step that needs too much memory", arguments: ["root", "chroot"])
    func memory(_ isolation: String) async throws {
        let ended = try await build(
            "dd if=/dev/zero of=/dev/null bs=300M count=1", "--memory", "64m", "--isolation", isolation)
        if ended.error.contains("holds for the address space of each process alone") {
            #expect(ended.status == 1, "no control group may be divided here: \(ended)")
        } else {
            #expect(ended.status == 137, "\(ended)")
            #expect(ended.error.contains("step killed: it needed more than 64 MiB (--memory)"), "\(ended)")
        }
    }

    @Test func limitsAreNoPartOfTheKey() async throws {
        let bench = try CommandBench()
        try await bench.importBase()
        let context = try bench.context("FROM localhost/base:1\nRUN echo one\n")
        try await bench.succeed("build", "--progress", "plain", context)
        let again = try await bench.run(
            "build", "--progress", "plain", "--timeout", "1h", "--ulimit", "nofile=99", context)
        #expect(again.status == 0 && again.error.contains("CACHED"), "\(again)")
    }

    /// Runs a command and prints the largest resident size that it reached, in KiB.
    private static let measure = """
        import resource, subprocess, sys
        status = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
        print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
        sys.exit(status)
        """

    @Test("much output, in one line and in many, is not kept", arguments: ["plain", "json", "quiet"])
    func flood(_ progress: String) async throws {
        let bench = try CommandBench()
        try await bench.importBase()
        func peak(mebibytes: Int) async throws -> Int {
            let context = try bench.context(
                """
                FROM localhost/base:1
                RUN dd if=/dev/zero bs=1M count=\(mebibytes)
                RUN while :; do echo 123456789; done | dd bs=64k count=\(mebibytes) iflag=fullblock
                """)
            let run = try await bench.script(
                "python3 -c '\(Self.measure)' \"$OCIBUILD\" build --progress \(progress) --isolation root '\(context)'")
            #expect(run.status == 0, "\(run)")
            return try #require(Int(run.output.split(separator: "\n").last ?? ""), "\(run)")
        }
        let (small, large) = (try await peak(mebibytes: 1), try await peak(mebibytes: 25))
        #expect(large - small < 12 << 10, "KiB: \(small), \(large)")
    }
}
