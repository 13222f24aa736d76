import Glibc
import LinuxSystem
import Testing

@testable import Sandboxing

@Suite struct NamespaceSandboxTests {
    @Test func runsAndReportsStatus() async throws {
        let tree = try BusyboxTree()
        let done = try await tree.run("echo out; echo err >&2; exit 7")
        #expect(done.status == .exited(7))
        #expect(done.output == "out\n")
        #expect(done.error == "err\n")
        #expect(try await tree.run("kill -9 $$; exec /bin/sh -c 'kill -9 $$' & wait $!").status != .exited(0))
    }

    @Test func timeOfOneStep() async throws {
        let tree = try BusyboxTree()
        _ = try await tree.run("true")
        let count = 50
        let begin = monotonicSeconds()
        for _ in 0..<count { _ = try await tree.run("true") }
        let each = (monotonicSeconds() - begin) / Double(count)
        print("one step: \(each * 1000) ms")
        #expect(each < 0.05, "a sandboxed `true` should take a few milliseconds")
    }
}
