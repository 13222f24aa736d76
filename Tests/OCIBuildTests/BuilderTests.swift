import Glibc
import LinuxSystem
import OCIBuild
import Synchronization
import Testing

/// A store, a busybox base image in it, and a context folder.
struct Workshop {
    let scratch: TemporaryDirectory
    let builder: Builder
    var context: Path { scratch.path / "context" }

    init() async throws {
        scratch = try TemporaryDirectory()
        builder = try Builder(root: "\(scratch.path)/store")
        try FileSystem.makeDirectory(scratch.path / "context")
        let base = scratch.path / "base"
        try FileSystem.makeDirectories(base / "bin")
        try FileSystem.makeDirectories(base / "etc")
        let outcome = try ChildProcess.run([
            "/bin/sh", "-c",
            """
            set -e; cd "$1"; cp /bin/busybox bin/busybox; for n in sh ls cat echo mkdir rm ln chmod id env stat sleep true false; do ln -s busybox bin/$n; done
            echo 'root:x:0:0:root:/root:/bin/sh' > etc/passwd; echo 'app:x:1000:1000::/home/app:/bin/sh' >> etc/passwd
            printf 'root:x:0:\\napp:x:1000:\\n' > etc/group; mkdir -p tmp root; chmod 1777 tmp; tar --sort=name --mtime=@0 -cf ../base.tar .
            """, "sh", base.description,
        ])
        try #require(
            outcome.status == 0, "busybox-static and tar are needed: \(String(decoding: outcome.error, as: UTF8.self))")
        _ = try await builder.importTree(
            "\(scratch.path)/base.tar", as: Reference(parsing: "base"), changes: ["ENV PATH=/bin", "CMD [\"sh\"]"])
    }

    func write(_ name: Path, _ text: String) throws {
        if let parent = (context / name).parent { try FileSystem.makeDirectories(parent) }
        try FileSystem.writeFile(context / name, Array(text.utf8))
    }

    func build(
        _ dockerfile: String, options: BuildOptions = BuildOptions(),
        report: @escaping @Sendable (BuildEvent) -> Void = { _ in }
    ) async throws -> BuiltImage {
        try await builder.build(.text(dockerfile), context: context.string, options: options, report: report)
    }

    /// The files of an image, as `-o type=dir` writes them.
    func tree(_ image: BuiltImage) async throws -> Path {
        let path = scratch.path / Path("tree-\(UInt32.random(in: .min ... .max))")
        try await builder.export(image, to: BuildOutput(kind: .dir, destination: path.description))
        return path
    }
}

@Suite("Building")
struct BuilderTests {
    @Test(
        "a build runs, copies, and is cached whole the second time",
        arguments: [BuildOptions.IsolationChoice.root, .chroot])
    func wholeBuild(isolation: BuildOptions.IsolationChoice) async throws {
        let workshop = try await Workshop()
        try workshop.write("hello.txt", "hello\n")
        let dockerfile = """
            FROM base
            ENV GREETING=hi
            WORKDIR /work/dir
            COPY hello.txt .
            RUN cat hello.txt > copied && echo $GREETING >> copied && rm /tmp -r
            USER app
            RUN id -u > /tmp2 || echo denied; true
            CMD ["cat", "copied"]
            """
        var options = BuildOptions(tags: [try Reference(parsing: "test:1")])
        options.isolation = isolation
        let cached = Counter()
        let first = try await workshop.build(dockerfile, options: options) { if case .stepCached = $0 { cached.add() } }
        #expect(cached.value == 0)
        let tree = try await workshop.tree(first)
        #expect(try FileSystem.readFile(tree / "work/dir/copied") == Array("hello\nhi\n".utf8))
        #expect(!FileSystem.exists(tree / "tmp"))
        #expect(!FileSystem.exists(tree / "etc/resolv.conf"))
        #expect(!FileSystem.exists(tree / "proc"))
        let details = try await workshop.builder.inspect("test:1")
        #expect(details.config.config.workingDirectory == "/work/dir")
        #expect(details.config.config.user == "app")
        let second = try await workshop.build(dockerfile, options: options) {
            if case .stepCached = $0 { cached.add() }
        }
        #expect(cached.value == 4)
        #expect(second.digest == first.digest)
    }
}

final class Counter: Sendable {
    private let count = Mutex(0)
    var value: Int { count.withLock { $0 } }
    func add() { count.withLock { $0 += 1 } }
}
