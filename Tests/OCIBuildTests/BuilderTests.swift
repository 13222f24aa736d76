import LinuxSystem
import OCIBuild
import Testing

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
