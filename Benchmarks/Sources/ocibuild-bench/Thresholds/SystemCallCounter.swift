/// Counts the system calls of a build by strace(1). What the start of the process needs is taken off, which differs
/// between static and dynamic programs; and those are left out that depend on the scheduler or the memory allocator.
struct SystemCallCounter {
    private let session: BenchSession
    private let folder: String

    init(_ session: BenchSession) throws {
        self.session = session
        folder = "\(session.workplace.path)/calls"
        try Command.run("mkdir -p '\(folder)'")
    }

    /// Of building what was built before: a context of that many files, copied by that many steps. The files are some
    /// seconds old: what has just been written is read again by every build, whatever its times say.
    func unchanged(files: Int, steps: Int) throws -> Double {
        let context = "\(folder)/context-\(files)-\(steps)"
        let build = "'\(session.options.binary)' --root '\(folder)/store' build -q -t calls ."
        let copies = (1...steps).map { "COPY . /d\($0)/\\n" }.joined()
        try Command.run(
            """
            set -e; [ ! -e '\(context)' ] || exit 0
            mkdir '\(context)'; cd '\(context)'; for i in $(seq \(files)); do echo $i >f$i; done
            printf 'FROM scratch\\n\(copies)' >Dockerfile
            sleep 3
            for i in 1 2; do \(build) >/dev/null 2>'\(folder)/log' || { cat '\(folder)/log' >&2; exit 1; }; done
            """)
        return try count(build, in: context) - count("'\(session.options.binary)' version", in: context)
    }

    private static let left = [
        "futex", "sched_yield", "restart_syscall", "poll", "ppoll", "epoll_wait", "epoll_pwait", "nanosleep",
        "clock_nanosleep", "brk", "mmap", "munmap", "mprotect", "madvise",
        // What the start of a thread takes: a busy machine lets one more start where an idle one would have been done.
        "clone3", "rseq", "set_robust_list", "gettid", "rt_sigprocmask", "prctl", "setpriority",
    ].joined(separator: ",")

    /// The smallest number of three times.
    private func count(_ command: String, in context: String) throws -> Double {
        let line =
            "cd '\(context)' && strace -f -c -e 'trace=!\(Self.left)' -o '\(folder)/calls' \(command) >/dev/null 2>&1"
            + " && sed -n 's/ total$//p' '\(folder)/calls'"
        return try (0..<3).map { _ in
            guard let words = Command.output(line)?.split(separator: " "), words.count >= 4,
                let calls = Double(words[3])
            else { throw BenchError("system calls cannot be counted: apt-get install strace; this failed: \(line)") }
            return calls
        }.min() ?? 0
    }
}
