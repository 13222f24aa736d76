import LinuxSystem
import TestSupport
import Testing

@Suite("The command: shared caches")
struct CacheEndToEndTests {
    private static let dockerfile = "FROM localhost/base:1\nCOPY file /file\nRUN cat /file > /copy\n"

    @Test("build here, build there, prune: what it says")
    func shared() async throws {
        let registry = try RegistryProcess()
        let first = try CommandBench()
        let second = try CommandBench()
        let third = try CommandBench()
        for bench in [first, second, third] { try await bench.importBase() }
        let context = try first.context(Self.dockerfile, files: ["file": "content"])
        let cache = "\(registry.host)/app/cache"
        let words = [
            "build", "--plain-http", registry.host, "--cache-from", cache, "--cache-to", "\(cache),mode=max", context,
        ]
        let here = try await first.run(words)
        #expect(here.status == 0, "\(here)")
        #expect(here.error.contains("not in the store nor in \(cache), so done here: COPY file /file and 1 more\n"))
        #expect(here.error.contains("cache \(cache): 2 steps written, 0 there already\n"))
        let there = try await second.run(words)
        #expect(there.output == here.output, "\(there)")
        #expect(there.error.contains("#2 CACHED from \(cache)\n") && there.error.contains("#3 CACHED from \(cache)\n"))
        let json = try await third.run(words + ["--progress", "json"])
        #expect(json.error.contains("\"event\":\"cached\",\"from\":\"\(cache)\""), "\(json)")

        let prune = ["cache", "prune", "--plain-http", registry.host]
        let kept = try await second.run(prune + ["--older-than", "1h", cache])
        #expect(kept.status == 0 && kept.output.hasPrefix("0 removed, "), "\(kept)")
        let all = try await second.run(prune + ["--older-than", "0", "--json", cache])
        #expect(all.output.contains("\"kept\":0") && !all.output.contains("\"removed\":0"), "\(all)")
        let wrong = try await second.run(prune + ["--older-than", "old", cache])
        #expect(wrong.status == 2 && wrong.error.contains("\"old\" is no time"), "\(wrong)")
    }

    @Test("where a registry removes nothing, its operator's setting is named")
    func refusedRemoval() async throws {
        var options = RegistryProcess.Options()
        options.allowsRemoval = false
        let registry = try RegistryProcess(options)
        let bench = try CommandBench()
        try await bench.importBase()
        let context = try bench.context(Self.dockerfile, files: ["file": "content"])
        let cache = "\(registry.host)/cache"
        let build = try await bench.run(["build", "--plain-http", registry.host, "--cache-to", cache, context])
        #expect(build.status == 0, "\(build)")
        let prune = try await bench.run(["cache", "prune", "--plain-http", registry.host, "--older-than", "0", cache])
        #expect(prune.status == 125 && prune.error.contains("REGISTRY_STORAGE_DELETE_ENABLED=true"), "\(prune)")
    }

    @Test("the help shows the topic, the options and the command")
    func help() async throws {
        let bench = try CommandBench()
        #expect(try await bench.succeed("help", "cache").contains("openssl genpkey -algorithm ed25519"))
        #expect(try await bench.succeed("help", "build").contains("--cache-from"))
        #expect(try await bench.succeed("help").contains("help cache"))
        #expect(try await bench.succeed("cache", "prune", "--help").contains("--older-than"))
    }
}
