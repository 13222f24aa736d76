import LinuxSystem
import Testing

@Suite("The command: a build of which nothing changed")
struct UnchangedBuildEndToEndTests {
    /// One system call of a trace.
    private struct Call {
        let text: Substring
        let name: Substring

        init?(_ line: Substring) {
            // "1234  openat(AT_FDCWD, "/x", O_RDONLY) = 3"; a call that another thread interrupted is told in two lines.
            let words = line.split(separator: " ", maxSplits: 1)
            guard words.count == 2 else { return nil }
            text = words[1].drop { $0 == " " }
            guard let end = text.firstIndex(of: "(") else { return nil }
            name = text[..<end]
        }

        var failed: Bool { text.contains(" = -1 ") }
    }

    private let bench: CommandBench
    private let context: String

    init() async throws {
        bench = try CommandBench()
        try await bench.importBase()
        context = try bench.context(
            """
            FROM \(CommandBench.base) AS build
            COPY source/ /source/
            RUN cat /source/a /source/b > /both
            FROM \(CommandBench.base)
            COPY --from=build /both /
            COPY script /bin/script
            RUN --mount=type=bind,source=source,target=/mnt cat /mnt/a > /copy
            WORKDIR /work
            USER root
            CMD ["script"]
            """, files: [".dockerignore": ".git\n", "script": "echo hello\n"])
        // What changed a moment before it was read is read again, so the files get some age.
        let made = try await bench.script(
            """
            set -e; cd '\(context)'; mkdir source; echo a >source/a; echo b >source/b
            git init -q . && git add . && git -c user.name=n -c user.email=e commit -qm one; sleep 3
            """)
        #expect(made.status == 0, "git is needed (apt-get install git): \(made)")
    }

    /// The calls of a build of the context, as strace(1) tells them.
    private func trace(_ arguments: String = "") async throws -> [Call] {
        let outcome = try await bench.script(
            "strace -f -o \"$WORK/trace\" \"$OCIBUILD\" build -q -t out:1 \(arguments) '\(context)'")
        try #require(outcome.status == 0, "strace is needed (apt-get install strace): \(outcome)")
        let text = String(decoding: try FileSystem.readFile(bench.folder.path / "trace"), as: UTF8.self)
        return text.split(separator: "\n").compactMap(Call.init)
    }

    @Test("starts no process, opens no layer and no table, reads no file of the context, and writes nothing")
    func unchanged() async throws {
        for _ in 0..<2 { try await bench.succeed("build", "-q", "-t", "out:1", context) }
        let calls = try await trace()

        let started = calls.filter { ["execve", "fork", "vfork"].contains($0.name) }
        #expect(started.count == 1, "\(started.map(\.text))")
        let cloned = calls.filter { $0.name.hasPrefix("clone") && !$0.text.contains("CLONE_THREAD") && !$0.failed }
        #expect(cloned.isEmpty, "\(cloned.map(\.text))")

        let opened = calls.filter { $0.name.hasPrefix("open") && !$0.failed }
        let locks = "\"\(bench.root)/locks/"
        for call in opened {
            let text = call.text
            for place in ["tables/", "origins/"] { #expect(!text.contains("\"\(bench.root)/\(place)"), "\(text)") }
            #expect(!text.contains("/snapshots/") && !text.contains("/.git/objects/pack"), "\(text)")
            for file in ["source/a", "source/b", "script"] { #expect(!text.contains("/context/\(file)\""), "\(text)") }
            for library in ["libcurl", "libarchive", "libcrypto", "libssl", "libxml2", "libicu"] {
                #expect(!text.contains(library), "\(text)")
            }
            let writes = ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC"].contains { text.contains($0) }
            #expect(!writes || text.contains(locks), "\(text)")
        }
        // The base's manifest and configuration, and the image's own two; each once.
        let blobs = opened.filter { $0.text.contains("/blobs/sha256/") }
        #expect(blobs.count <= 6, "\(blobs.map(\.text))")

        let changing = [
            "rename", "renameat", "renameat2", "unlink", "unlinkat", "mkdir", "mkdirat", "rmdir", "link", "linkat",
            "symlink", "symlinkat", "chmod", "fchmod", "fchmodat", "chown", "fchownat", "utimensat", "setxattr",
            "lsetxattr", "fsync", "fdatasync", "sync", "syncfs", "ftruncate", "fallocate", "mount", "unshare",
        ]
        let changes = calls.filter { changing.contains(String($0.name)) }
        #expect(changes.isEmpty, "\(changes.map(\.text))")
    }

    @Test("one more file costs a fixed number of system calls, and an unchanged step fewer than ten")
    func growth() async throws {
        /// How many calls an unchanged build makes, but those that wait or depend on chance.
        func count() async throws -> Int {
            for _ in 0..<2 { try await bench.succeed("build", "-q", "-t", "out:1", context) }
            let noise = ["futex", "sched_yield", "madvise", "mmap", "munmap", "mprotect", "brk", "rseq"]
            let threads = [
                "clone3", "gettid", "set_robust_list", "rt_sigprocmask", "prctl", "setpriority", "restart_syscall",
            ]
            return try await trace().count { !(noise + threads).contains(String($0.name)) && !$0.text.hasPrefix("<") }
        }
        let few = try await count()
        let made = try await bench.script(
            "cd '\(context)' && for i in $(seq 300); do echo $i >source/$i; done; sleep 3")
        #expect(made.status == 0)
        let many = try await count()
        // The folder is walked for the COPY and for the mount: a status each.
        #expect(many - few <= 300 * 2 + 40, "\(few) calls, then \(many)")

        let dockerfile = bench.folder.path / "context/Dockerfile"
        let lines = (0..<50).map { "RUN echo \($0) > /\($0)\n" }.joined()
        try FileSystem.writeFile(dockerfile, Array(("FROM \(CommandBench.base)\n" + lines).utf8))
        let steps = try await count()
        #expect(steps <= few + 50 * 10, "\(few) calls, then \(steps)")
    }
}
