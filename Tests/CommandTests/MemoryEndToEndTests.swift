import LinuxSystem
import TestSupport
import Testing

@Suite("The command: memory")
struct MemoryEndToEndTests {
    /// Runs a command and prints the largest resident size that it reached, in KiB.
    private static let measure = """
        import resource, subprocess, sys
        status = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
        print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
        sys.exit(status)
        """

    @Test("a layer of 4 GiB is built and pushed in less than 150 MiB", .timeLimit(.minutes(10)))
    func largeLayer() async throws {
        let bench = try CommandBench()
        let registry = try RegistryProcess()
        let name = "\(registry.host)/large:1"
        let context = try bench.context("FROM scratch\nCOPY big /big\n")
        // Holes read as zeros: four gibibytes to hash, store and compress that need no disk.
        let made = try await bench.script("truncate -s 4G '\(context)/big'")
        #expect(made.status == 0)
        let build = try await bench.script(
            "python3 -c '\(Self.measure)' \"$OCIBUILD\" build -q --compression fast -t \(name) '\(context)'")
        #expect(build.status == 0, "\(build)")
        let push = try await bench.script(
            "python3 -c '\(Self.measure)' \"$OCIBUILD\" push --plain-http \(registry.host) \(name)")
        #expect(push.status == 0, "\(push)")
        for peak in [build, push] {
            let kibibytes = try #require(Int(peak.output.split(separator: "\n").last ?? ""), "\(peak)")
            #expect(kibibytes < 150 << 10)
        }
    }
}
