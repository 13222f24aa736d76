import Glibc

/// Counts the instructions of user space that a probe needs: by the processor's counters where the machine lets them be
/// read (virtual machines mostly do not), else by valgrind, which counts the same each time.
struct InstructionCounter {
    private static let hasCounters =
        Command.output("perf stat -x, -e instructions:u true 2>&1 | grep -q '^[0-9]'") != nil

    /// This program without what is known for debuggers, which valgrind reads and not always understands.
    private let program: String

    init(_ session: BenchSession) throws {
        guard let path = ProcessCounters.link("/proc/self/exe") else { throw BenchError("/proc is not mounted") }
        program = "\(session.workplace.path)/stripped"
        try Command.run("[ -e '\(program)' ] || strip -g -o '\(program)' \(path.quoted)")
    }

    /// For one more of a probe's things: what the start of the process and its preparations cost falls out.
    func count(of probe: Probe) throws -> Double {
        let (few, many) = (1, 5)
        return (try total(probe, many) - total(probe, few)) / Double((many - few) * Probe.things)
    }

    private func total(_ probe: Probe, _ rounds: Int) throws -> Double {
        let words = "'\(program)' probe \(probe.name.quoted) \(rounds)"
        let line =
            Self.hasCounters
            ? "perf stat -x, -e instructions:u \(words) 2>&1 | cut -d, -f1"
            : "valgrind --tool=cachegrind --cache-sim=no --cachegrind-out-file=/dev/null \(words) 2>&1"
                + " | sed -n 's/.*I *refs: *//p' | tr -d ,"
        guard let number = Command.output(line).flatMap({ Double($0) }) else {
            throw BenchError("instructions cannot be counted: apt-get install valgrind binutils; this failed: \(line)")
        }
        return number
    }
}
