import OCIBuild
import Testing

@testable import ocibuild

@Suite("Limits on the command line")
struct LimitFlagsTests {
    private func limits(_ words: String...) throws -> StepLimits {
        let arguments = try ArgumentParser.parse(words.map { Word($0) }, for: BuildVerb.verb)
        return try BuildRequest(Session("build", arguments, Console(environment: [:]))).options.limits
    }

    @Test func whatTheyMean() throws {
        #expect(try limits() == StepLimits())
        let some = try limits(
            "-m", "512m", "--memory-swap", "1g", "--cpus", "1.5", "--cpu-shares", "512", "--cpuset-cpus", "0-1",
            "--pids-limit", "100", "--ulimit", "nofile=10:20", "--ulimit", "nofile=30", "--shm-size=128m",
            "--timeout", "1h30m")
        #expect(some.memory == 512 << 20 && some.memoryAndSwap == 1 << 30 && some.sharedMemory == 128 << 20)
        #expect(some.processors == 1.5 && some.processorShares == 512 && some.processorSet == "0-1")
        #expect(some.processes == 100 && some.resources == [ResourceLimit(.nofile, soft: 30, hard: 30)])
        #expect(some.timeout == .seconds(5400))
        #expect(try limits("--cpu-quota", "50000", "--cpu-period", "200000").processors == 0.25)
        #expect(try limits("-m", "1g", "--memory-swap=-1").memoryAndSwap == -1)
        #expect(try limits("--cpus", "0", "-m", "0", "--cpu-quota=-1") == StepLimits())
    }

    @Test(
        "mistakes",
        arguments: [
            (["-m", "lots"], "--memory \"lots\" is no size such as 512m or 2g"),
            (["--memory-swap", "1g"], "--memory-swap needs --memory beside it"),
            (
                ["-m", "2g", "--memory-swap", "1g"],
                "--memory-swap is memory and swap together: it cannot be less than --memory"
            ),
            (["--cpus", "2", "--cpu-quota", "5000"], "--cpus and --cpu-quota say the same thing: give one"),
            (["--cpuset-cpus", "3-1"], "--cpuset-cpus \"3-1\" is no list of processors such as 0-2,5"),
            (["--timeout", "soon"], "--timeout \"soon\" is no duration such as 90s, 10m or 1h30m"),
        ])
    func mistakes(_ words: [String], _ message: String) throws {
        do {
            let arguments = try ArgumentParser.parse(words.map { Word($0) }, for: BuildVerb.verb)
            _ = try BuildRequest(Session("build", arguments, Console(environment: [:])))
            Issue.record("accepted")
        } catch let error as UsageError {
            #expect(error.message == message)
        }
    }

    @Test func quantities() {
        let sizes: [(String, Int64?)] = [
            ("1", 1), ("1b", 1), ("2k", 2048), ("1.5g", 3 << 29), ("64MiB", 64 << 20), ("64 mb", 64 << 20),
            ("3T", 3 << 40),
            ("", nil), ("m", nil), ("-1", nil), (".5m", nil), ("1x", nil), ("1kk", nil), ("99999999p", nil),
        ]
        for (text, bytes) in sizes { #expect(Quantity.bytes(text) == bytes, "\(text)") }
        let times: [(String, Duration?)] = [
            ("90", .seconds(90)), ("90s", .seconds(90)), ("250ms", .milliseconds(250)), ("1h30m", .seconds(5400)),
            ("1.5h", .seconds(5400)), ("2d", .seconds(172_800)), ("0", .zero),
            ("", nil), ("s", nil), ("1y", nil), ("-5", nil), ("inf", nil), ("nan", nil), ("1e300", nil),
        ]
        for (text, time) in times { #expect(Quantity.duration(text) == time, "\(text)") }
    }
}
