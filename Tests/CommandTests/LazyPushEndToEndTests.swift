import LinuxSystem
import TestSupport
import Testing

@Suite("The command: what is only pushed is not fetched")
struct LazyPushEndToEndTests {
    @Test func aBuildThatIsPushedLeavesTheBaseWhereItIs() async throws {
        let registry = try RegistryProcess()
        let host = registry.host
        let maker = try CommandBench()
        try await maker.importBase()
        try await maker.succeed("push", "--plain-http", host, "-q", CommandBench.base, "\(host)/team/base:1")
        let bench = try CommandBench()
        let context = try bench.context("FROM \(host)/team/base:1\nENV A=b\n")
        let pushed = try await bench.run(
            "build", "--plain-http", host, "--progress", "plain", "-t", "\(host)/team/app:1", "--push", context)
        #expect(pushed.status == 0, "\(pushed)")
        #expect(pushed.error.contains("mounted from team/base\n"))
        #expect(pushed.error.contains("pushed \(host)/team/app:1: 1 sent, 1 mounted from team/base\n"))
        let again = try await bench.run(
            "build", "--plain-http", host, "--progress", "json", "-t", "\(host)/other/app:1", "--push", context)
        #expect(again.status == 0 && again.output == pushed.output, "\(again)")
        #expect(again.error.contains("\"end\":\"mounted\""))
        let gets = try registry.accesses().filter { $0.method == "GET" && $0.target.contains("/blobs/") }
        // The configuration of the base, once.
        #expect(gets.count == 1, "\(gets)")
        // An output besides needs all of it.
        let output = try await bench.run(
            "build", "--plain-http", host, "-t", "\(host)/team/app:2", "--push", "-o",
            "type=dir,dest=\(bench.folder.path)/out", context)
        #expect(output.status == 0, "\(output)")
        #expect(FileSystem.exists(bench.folder.path / "out/bin/busybox"))
        #expect(try registry.accesses().count { $0.method == "GET" && $0.target.contains("/blobs/") } == 2)
    }
}
