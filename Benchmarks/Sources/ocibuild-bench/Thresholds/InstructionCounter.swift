import Glibc

/// Counts the instructions of user space that a probe needs: by the processor's counters where the machine lets them be read
/// (virtual machines mostly do not), else by valgrind, which counts the same each time.
enum InstructionCounter {
    private static let hasCounters =
        Command.output("perf stat -x, -e instructions:u true 2>&1 | grep -q '^[0-9]'") != nil

    /// Of one more of a probe's things: what the start of the process costs falls out.
    static func count(of probe: Probe) throws -> Double {
        let (few, many) = (500, 2_500)
        return (try total(probe, many) - total(probe, few)) / Double(many - few)
    }

    private static func total(_ probe: Probe, _ count: Int) throws -> Double {
        guard let path = ProcessCounters.link("/proc/self/exe") else { throw BenchError("/proc is not mounted") }
        let words = "\(path.quoted) probe \(probe.name.quoted) \(count)"
        let line =
            hasCounters
            ? "perf stat -x, -e instructions:u \(words) 2>&1 | cut -d, -f1"
            : "valgrind --tool=cachegrind --cache-sim=no --cachegrind-out-file=/dev/null \(words) 2>&1"
                + " | sed -n 's/.*I *refs: *//p' | tr -d ,"
        guard let number = Command.output(line).flatMap({ Double($0) }) else {
            throw BenchError("instructions cannot be counted: apt-get install valgrind; this failed: \(line)")
        }
        return number
    }
}
