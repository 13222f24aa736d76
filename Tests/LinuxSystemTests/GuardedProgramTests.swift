import Glibc
import LinuxSystem
import Testing

@Suite struct GuardedProgramTests {
    private static func program(
        _ script: String, timeout: Double = 60, limit: Int = 1 << 20
    ) -> GuardedProgram {
        GuardedProgram(
            arguments: ["sh", "-c", script], environment: ["PATH": "/usr/bin:/bin", "GREETING": "hello"],
            timeoutSeconds: timeout, answerLimit: limit)
    }

    private static func run(_ program: GuardedProgram) throws -> (GuardedProgram.Ending, answer: String, said: String) {
        var said: [UInt8] = []
        let cancellation = try GuardedProgram.Cancellation()
        let result = try program.run(cancellation: cancellation) { said += $0 }
        return (
            result.ending, String(decoding: result.answer, as: UTF8.self), String(decoding: said, as: UTF8.self)
        )
    }

    @Test func whatItSaysAndAnswers() throws {
        let result = try Self.run(Self.program("echo $GREETING; echo aside >&2; cat; echo answer >&3; exit 7"))
        #expect(result == (.exited(7), "answer\n", "hello\naside\n"))
        let long = try Self.run(Self.program("head -c 300000 /dev/zero >&3; head -c 200000 /dev/zero"))
        #expect(long.0 == .exited(0) && long.answer.utf8.count == 300_000 && long.said.utf8.count == 200_000)
        #expect(try Self.run(Self.program("kill -9 $$")).0 == .exited(128 + SIGKILL))
    }

    @Test func noTerminalAndASessionOfItsOwn() throws {
        let result = try Self.run(Self.program("(: </dev/tty) 2>/dev/null && echo terminal; ps -o sid= -p $$; echo $$"))
        let numbers = result.said.split(separator: "\n").map { $0.filter { $0 != " " } }
        #expect(numbers.count == 2 && numbers.first == numbers.last, "\(result.said)")
    }

    @Test func limits() throws {
        let sleep = "\(Int.random(in: 100_000...999_999))"
        let slow = try Self.run(Self.program("sleep \(sleep) & echo begun; sleep \(sleep)", timeout: 0.5))
        #expect(slow.0 == .timedOut && slow.said == "begun\n")
        #expect(try Self.run(Self.program("yes >&3", limit: 100_000)).0 == .answeredTooMuch)
        #expect(try Self.run(Self.program("sleep \(sleep) & exit 3")).0 == .exited(3), "nobody is waited for")
        let left = try ChildProcess.run(["pgrep", "-f", "^sleep \(sleep)"])
        #expect(left.status == 1, "everything that it started is gone: \(left.output)")
    }

    @Test func cancellation() async throws {
        let cancellation = try GuardedProgram.Cancellation()
        async let result = BlockingPool.shared.run {
            try Self.program("echo begun; sleep 1000").run(cancellation: cancellation) { _ in cancellation.cancel() }
        }
        #expect(try await result.ending == .cancelled)
    }

    @Test func aProgramThatIsNotThere() throws {
        let program = GuardedProgram(
            arguments: ["/no/such/program"], environment: [:], timeoutSeconds: 1, answerLimit: 1)
        let cancellation = try GuardedProgram.Cancellation()
        #expect { try program.run(cancellation: cancellation) { _ in } } throws: { error in
            (error as? SystemError)?.errno == .noEntry
        }
    }
}
