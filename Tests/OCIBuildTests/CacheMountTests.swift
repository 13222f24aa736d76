import LinuxSystem
import OCIBuild
import Testing

@Suite("Cache mounts")
struct CacheMountTests {
    private func options(_ isolation: BuildOptions.IsolationChoice, cached: Bool = false) -> BuildOptions {
        var options = BuildOptions()
        options.isolation = isolation
        options.usesCache = cached
        return options
    }

    @Test("they outlive steps and builds, and are told apart by id and origin", arguments: Workshop.rungs)
    func persistence(isolation: BuildOptions.IsolationChoice) async throws {
        let workshop = try await Workshop()
        try workshop.write("seed/dir/file", "s\n")
        let dockerfile = """
            FROM base AS seed
            COPY --chown=7:8 seed /seed
            FROM base
            RUN --mount=type=cache,target=/c echo a >> /c/log; wc -l < /c/log
            RUN --mount=type=cache,target=/elsewhere,id=/c echo b >> /elsewhere/log; wc -l < /elsewhere/log
            RUN --mount=type=cache,target=/c,id=../../../x cat /c/log 2>/dev/null || echo empty
            RUN --mount=type=cache,target=/c,uid=5,gid=6,mode=0700 stat -c '%u %g %a' /c; ls -A /c
            RUN --mount=type=cache,target=/c,from=seed,source=/seed \\
                stat -c '%u %g' /c/dir/file; cat /c/dir/file; echo more >> /c/dir/file
            """
        let first = try await workshop.record(dockerfile, options: options(isolation))
        #expect(first.output == "1\n2\nempty\n5 6 700\n7 8\ns\n")
        let second = try await workshop.record(dockerfile, options: options(isolation))
        #expect(second.output == "3\n4\nempty\n5 6 700\n7 8\ns\nmore\n")
        #expect(try await workshop.layers(first.image).joined().isEmpty)
        // What is in a cache is no part of a step's key.
        #expect(try await workshop.record(dockerfile, options: options(isolation, cached: true)).done.isEmpty)
        let names = try DirectoryListing.entries(at: workshop.scratch.path / "store" / "cache-mounts").map(\.name)
        #expect(names.count == 4 && names.allSatisfy { $0.bytes.count == 64 })
        try workshop.expectClean()
    }

    /// Steps of other tests, which begin at the same time in this process, hold copies of every lock for a moment.
    private func prune(_ workshop: Workshop, all: Bool) async throws -> Int64 {
        for _ in 0..<50 {
            if let outcome = try? await workshop.builder.prune(all: all) { return outcome.freedBytes }
            try await Task.sleep(for: .milliseconds(20))
        }
        return try await workshop.builder.prune(all: all).freedBytes
    }

    @Test("a failing step keeps what it cached, and prune takes it", arguments: Workshop.rungs)
    func failureAndPruning(isolation: BuildOptions.IsolationChoice) async throws {
        let workshop = try await Workshop()
        await #expect(throws: StepError.self) {
            try await workshop.build(
                "FROM base\nRUN --mount=type=cache,target=/c head -c 100000 /dev/zero > /c/big; exit 3\n",
                options: options(isolation))
        }
        let look = "FROM base\nRUN --mount=type=cache,target=/c ls /c\n"
        #expect(try await workshop.record(look, options: options(isolation)).output == "big\n")
        _ = try await prune(workshop, all: false)
        #expect(try await workshop.record(look, options: options(isolation)).output == "big\n")
        let freed = try await prune(workshop, all: true)
        #expect(freed >= 100_000)
        #expect(try await workshop.record(look, options: options(isolation)).output == "")
    }

    @Test("prune takes what a step has made deeper than a path can name")
    func deepPruning() async throws {
        let workshop = try await Workshop()
        let cache = workshop.scratch.path / "store/cache-mounts/x/0/data"
        try FileSystem.makeDirectories(cache)
        let name = String(repeating: "x", count: 200)
        try workshop.shell("cd -P \(cache); for i in $(seq 30); do mkdir \(name); cd -P \(name); done")
        _ = try await prune(workshop, all: true)
        #expect(!FileSystem.exists(cache))
    }

    @Test("steps at once share a cache, wait for it, or get one of their own", arguments: Workshop.rungs)
    func sharing(isolation: BuildOptions.IsolationChoice) async throws {
        let workshop = try await Workshop()
        // Each stage counts those that are in the cache with it, and stays until it has seen another or given up.
        func dockerfile(_ sharing: String, besides: String = "") -> String {
            let step = """
                RUN --mount=type=cache,target=/c,id=\(sharing),sharing=\(sharing) \(besides) mkdir /c/$name; \\
                    for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do \\
                    test $(ls /c | wc -w) = 2 && break; sleep 0.05; done; \\
                    ls /c | wc -w > /$name; rmdir /c/$name 2>/dev/null || rm -r /c/$name
                """
            return """
                FROM base AS a
                ENV name=a
                \(step)
                FROM base AS b
                ENV name=b
                \(step)
                FROM base
                COPY --from=a /a /
                COPY --from=b /b /
                """
        }
        for sharing in ["locked", "private"] {
            let image = try await workshop.build(dockerfile(sharing), options: options(isolation))
            let alone = try await [workshop.text("a", of: image), workshop.text("b", of: image)]
            #expect(alone == ["1\n", "1\n"], "\(sharing)")
        }
        if isolation == .root {
            let image = try await workshop.build(dockerfile("shared"), options: options(isolation))
            let together = try await [workshop.text("a", of: image), workshop.text("b", of: image)]
            #expect(together.contains("2\n"))
            let twice = "--mount=type=cache,target=/d,id=shared,sharing=locked"
            let strict = try await workshop.build(dockerfile("shared", besides: twice), options: options(isolation))
            let alone = try await [workshop.text("a", of: strict), workshop.text("b", of: strict)]
            #expect(alone == ["1\n", "1\n"], "a mount that locks a cache is not undone by another that shares it")
        }
        try workshop.expectClean()
    }
}
