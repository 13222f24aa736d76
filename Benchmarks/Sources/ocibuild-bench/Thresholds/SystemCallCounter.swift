/// Counts the system calls of a build by strace(1), those left out that depend on what the scheduler does.
struct SystemCallCounter {
    private let session: BenchSession
    private let folder: String

    init(_ session: BenchSession) throws {
        self.session = session
        folder = "\(session.workplace.path)/calls"
        try Command.run("mkdir -p '\(folder)'")
    }

    /// Of building what was built before: a context of that many files, copied by that many steps.
    func unchanged(files: Int, steps: Int) throws -> Double {
        let (context, build) = (
            "\(folder)/context-\(files)-\(steps)",
            "'\(session.options.binary)' --root '\(folder)/store' build -q -t calls"
        )
        let copies = (1...steps).map { "COPY . /d\($0)/\n" }.joined()
        try Command.run(
            """
            set -e; mkdir -p '\(context)'; cd '\(context)'; for i in $(seq \(files)); do echo $i >f$i; done
            printf 'FROM scratch\\n\(copies.replacing("\n", with: "\\n"))' >Dockerfile
            \(build) . >/dev/null 2>'\(folder)/log' || { cat '\(folder)/log' >&2; exit 1; }
            """)
        let left = "futex,sched_yield,restart_syscall,poll,ppoll,epoll_wait,epoll_pwait,nanosleep,clock_nanosleep"
        let line =
            "cd '\(context)' && strace -f -c -e trace=!\(left) -o '\(folder)/calls' \(build) . >/dev/null 2>&1"
            + " && sed -n 's/ total$//p' '\(folder)/calls'"
        // The kernel decides how often memory is asked for; three times is enough for the smallest.
        return try (0..<3).map { _ in
            guard let words = Command.output(line)?.split(separator: " "), words.count >= 4,
                let calls = Double(words[3])
            else { throw BenchError("system calls cannot be counted: apt-get install strace; this failed: \(line)") }
            return calls
        }.min() ?? 0
    }
}
