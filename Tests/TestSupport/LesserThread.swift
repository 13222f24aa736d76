import Glibc
import LinuxSystem
import Synchronization

/// Runs code on a thread that may do less than the process: credentials belong to threads, and only the C library
/// makes all of them change together. Needs root.
package enum LesserThread {
    #if arch(x86_64)
        private static let (setgroups, setresuid, setresgid, capget, capset, prctl) = (116, 117, 119, 125, 126, 157)
    #else
        // Of the table that all newer architectures share.
        private static let (setgroups, setresuid, setresgid, capget, capset, prctl) = (159, 147, 149, 90, 91, 167)
    #endif
    /// PR_SET_DUMPABLE of prctl(2).
    private static let setDumpable = 4

    /// Runs `body` as an ordinary user, without groups or capabilities, and waits for it.
    package static func run<Result: Sendable>(
        as uid: UInt32, _ body: @escaping @Sendable () throws -> Result
    ) throws -> Result {
        try run(body) {
            try call("setgroups", setgroups, 0, 0)
            try call("setresgid", setresgid, Int(uid), Int(uid), Int(uid))
            try call("setresuid", setresuid, Int(uid), Int(uid), Int(uid))
        }
    }

    /// Runs `body` as root without one capability, by its number, and waits for it.
    package static func run<Result: Sendable>(
        withoutCapability number: Int, _ body: @escaping @Sendable () throws -> Result
    ) throws -> Result {
        try run(body) {
            // The second version of the structure, of the calling thread: see capget(2).
            var header: [UInt32] = [0x2008_0522, 0]
            var sets = [UInt32](repeating: 0, count: 6)
            try header.withUnsafeMutableBytes { header in
                try sets.withUnsafeMutableBytes { sets in
                    let (header, sets) = (Int(bitPattern: header.baseAddress), Int(bitPattern: sets.baseAddress))
                    try call("capget", capget, header, sets)
                }
            }
            for set in 0..<3 { sets[number / 32 * 3 + set] &= ~(1 << UInt32(number % 32)) }
            try header.withUnsafeMutableBytes { header in
                try sets.withUnsafeMutableBytes { sets in
                    let (header, sets) = (Int(bitPattern: header.baseAddress), Int(bitPattern: sets.baseAddress))
                    try call("capset", capset, header, sets)
                }
            }
        }
    }

    private static func run<Value: Sendable>(
        _ body: @escaping @Sendable () throws -> Value, after lessen: @escaping @Sendable () throws -> Void
    ) throws -> Value {
        let outcome = Outcome<Value>()
        let started = Thread.start(stackSize: 8 << 20) {
            outcome.finish(
                Result {
                    try lessen()
                    // The kernel hides a process whose credentials changed, from its own children too.
                    try call("prctl", prctl, setDumpable, 1)
                    return try body()
                })
        }
        guard started else { throw SystemError("start a thread", errno: .again) }
        return try outcome.wait()
    }

    private final class Outcome<Value: Sendable>: Sendable {
        private let value = Mutex<Result<Value, any Error>?>(nil)

        func finish(_ result: Result<Value, any Error>) { value.withLock { $0 = result } }

        func wait() throws -> Value {
            while true {
                if let result = value.withLock({ $0 }) { return try result.get() }
                usleep(500)
            }
        }
    }

    /// A system call, of this thread alone. Swift does not see the C library's own function, which has any number of
    /// arguments; integers are passed to it as to any other.
    private static func call(_ name: String, _ number: Int, _ first: Int, _ second: Int, _ third: Int = 0) throws {
        typealias Call = @convention(c) (Int, Int, Int, Int) -> Int
        guard let symbol = dlsym(nil, "syscall") else { throw SystemError("find the function syscall") }
        _ = try checked(name) { unsafeBitCast(symbol, to: Call.self)(number, first, second, third) }
    }
}
