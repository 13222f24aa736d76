import Codecs
import LinuxSystem
import OCIBuild
import OCIContent
import TestSupport
import Testing

@Suite("Shared caches")
struct SharedCacheTests {
    @Test("a machine with an empty store takes every step from the registry, and makes the same image")
    func sharing() async throws {
        let bench = try await CacheBench()
        let first = try await bench.record(on: "a")
        #expect(first.done == CacheBench.steps && first.shared.isEmpty && first.warnings == [])
        #expect(first.notes.contains { $0.contains("3 steps written, 0 there already") })
        let second = try await bench.record(on: "b")
        #expect(second.done == [] && second.cached == [])
        #expect(second.shared == Dictionary(uniqueKeysWithValues: CacheBench.steps.map { ($0, bench.cache.familiar) }))
        #expect(second.image == first.image)
        #expect(second.notes.contains { $0.contains("0 steps written, 3 there already") })
        // What was taken over is the store's own from then on, and asked for nowhere.
        let before = bench.relay.bytes
        let third = try await bench.record(on: "b", bench.options(writes: nil))
        #expect(third.cached == CacheBench.steps && third.shared.isEmpty)
        #expect(bench.relay.bytes - before < 8000)
        // The whole image can be had, and is what it should be.
        let builder = try bench.machine("b")
        try await builder.push(bench.app)
        let fourth = try bench.machine("d")
        #expect(try await fourth.pull(bench.app).digest == first.image.digest)
        #expect(try fourth.store.verify().problems.isEmpty)
        #expect(try builder.store.verify().problems.isEmpty)
    }

    @Test("a changed file on an empty disk moves neither base nor cached layers, whatever they weigh")
    func fewBytes() async throws {
        let bench = try await CacheBench(baseBytes: 3_000_000)
        let text = """
            FROM \(bench.base)
            RUN head -c 2000000 /dev/urandom > /installed
            COPY one /app/one
            COPY --chown=app one /app/owned

            """
        _ = try await bench.record(on: "a", text: text)
        try await bench.machine("a").push(bench.app)
        try bench.maker.write("one", "2\n")
        let before = bench.relay.bytes
        let builder = try bench.machine("b")
        let second = try await bench.record(builder, bench.options(), text: text)
        try await builder.push(bench.app)
        #expect(bench.relay.bytes - before < 100_000, "\(bench.relay.bytes - before) bytes moved")
        #expect(second.shared.count == 1 && second.done.count == 2)
        #expect(second.warnings == [])
        #expect(second.notes.contains { $0.contains("COPY one /app/one and 1 more") })
        // Both machines make the same of it, though one knew no more of the base than its shape.
        var options = bench.options(reads: false, writes: nil)
        options.completesImage = true
        let other = try await bench.record(on: "a", options, text: text)
        #expect(other.image == second.image)
        #expect(other.cached.count == 1)
    }

    @Test("of several builders at once each may write, and the cache holds one chain of steps")
    func concurrency() async throws {
        let bench = try await CacheBench()
        let text = """
            FROM \(bench.base)
            RUN cat /proc/sys/kernel/random/uuid > /id
            RUN cp /id /copy
            COPY one /app/one

            """
        let recordings = try await withThrowingTaskGroup(of: Recording.self) { group in
            for name in ["a", "b", "c"] {
                group.addTask { try await bench.record(on: name, text: text) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        for recording in recordings { #expect(recording.warnings == []) }
        // Whatever came of the race, one more build mends it.
        _ = try await bench.record(on: "d", text: text)
        let last = try await bench.record(on: "e", text: text)
        #expect(last.done == [] && last.shared.count == 3)
        // A machine that has another result of its own does not replace what all others use.
        _ = try await bench.record(on: "a", text: text)
        #expect(try await bench.record(on: "f", text: text).image == last.image)
    }

    @Test("stages: mode=min writes what the image grows from, mode=max all", arguments: CacheTarget.Mode.allCases)
    func modes(mode: CacheTarget.Mode) async throws {
        let bench = try await CacheBench()
        let text = """
            FROM \(bench.base) AS maker
            RUN echo made > /made
            FROM \(bench.base)
            RUN echo ran > /ran
            COPY --from=maker /made /made

            """
        let first = try await bench.record(on: "a", bench.options(writes: mode), text: text)
        #expect(try await bench.tags().steps.count == (mode == .max ? 3 : 2))
        let second = try await bench.record(on: "b", text: text)
        #expect(second.done == [] && second.image == first.image)
        // Another use of the stage is where the modes differ.
        let more = try await bench.record(on: "c", text: text + "COPY --from=maker /made /again\n")
        #expect(more.done == (mode == .max ? [] : ["RUN echo made > /made"]) + ["COPY --from=maker /made /again"])
    }

    @Test("a folder serves as well, for several machines and builds at once")
    func folder() async throws {
        let bench = try await CacheBench()
        let folder = "\(bench.scratch.path)/cache folder"
        var options = bench.options(reads: false, writes: nil)
        options.cacheFrom = [CacheSource(.folder(folder))]
        options.cacheTo = [CacheTarget(.folder(folder))]
        let first = try await bench.record(on: "a", options)
        #expect(first.warnings == [] && first.done == CacheBench.steps)
        let second = try await bench.record(on: "b", options)
        #expect(second.done == [] && second.shared.count == 3 && second.image == first.image)
        let builder = try bench.machine("b")
        try await builder.push(bench.app)
        #expect(try await bench.machine("c").pull(bench.app).digest == first.image.digest)
        #expect(try await builder.pruneCache(.folder(folder), olderThan: .seconds(3600)).removed == 0)
        let pruned = try await builder.pruneCache(.folder(folder), olderThan: .zero)
        #expect(pruned.removed >= 3 && pruned.kept == 0)
        #expect(try await bench.record(on: "e", options).done == CacheBench.steps)
    }

    @Test("what is too old is not used, and is written anew")
    func age() async throws {
        let bench = try await CacheBench()
        let first = try await bench.record(on: "a")
        for tag in try await bench.tags().steps {
            try await bench.replace(tag) { manifest in
                var text = try #require(manifest.annotations?["org.ocibuild.cache.entry"])
                let start = try #require(text.firstRange(of: "\"created\":")).upperBound
                let end = try #require(text[start...].firstIndex { !$0.isNumber })
                text.replaceSubrange(start..<end, with: "1700000000")
                manifest.annotations?["org.ocibuild.cache.entry"] = text
            }
        }
        #expect(try await bench.record(on: "b", bench.options(writes: nil)).done == [])
        var options = bench.options()
        options.cacheFrom[0].maximumAge = .seconds(86_400)
        let late = try await bench.record(on: "c", options)
        #expect(late.done == CacheBench.steps && late.warnings == [] && late.image == first.image)
        #expect(try await bench.record(on: "d", options).done == [])
        // The limit of all caches, where one has none of its own.
        options = bench.options(writes: nil)
        options.cacheMaximumAge = .seconds(0)
        try await Task.sleep(for: .milliseconds(1100))
        #expect(try await bench.record(on: "e", options).done == CacheBench.steps)
    }

    @Test("without the cache nothing is read, but written")
    func noCache() async throws {
        let bench = try await CacheBench()
        _ = try await bench.record(on: "a")
        var options = bench.options()
        options.usesCache = false
        let second = try await bench.record(on: "b", options)
        #expect(second.done == CacheBench.steps)
        #expect(second.notes.contains { $0.contains("0 steps written, 3 there already") })
    }

    @Test("other tools read an entry as the image that it is, and a copy of it serves as well")
    func otherTools() async throws {
        let bench = try await CacheBench()
        let first = try await bench.record(on: "a")
        for tag in try await bench.tags().steps {
            let name = "docker://\(bench.cache):\(tag)"
            try bench.maker.shell("skopeo inspect --tls-verify=false \(name) >/dev/null")
            try bench.maker.shell("skopeo inspect --config --tls-verify=false \(name) >/dev/null")
            try bench.maker.shell(
                "skopeo copy -q --src-tls-verify=false --dest-tls-verify=false \(name) docker://\(bench.cache)-copy:\(tag)"
            )
        }
        var options = bench.options(reads: false, writes: nil)
        options.cacheFrom = [CacheSource(.registry(try Reference(parsing: "\(bench.cache)-copy")))]
        let second = try await bench.record(on: "b", options)
        #expect(second.done == [] && second.image == first.image)
    }

    @Test("old entries can be taken out; other images of the repository stay")
    func pruning() async throws {
        let bench = try await CacheBench()
        _ = try await bench.record(on: "a")
        let builder = try bench.machine("a")
        for name in ["image", "ocibuild-1.0"] { try await builder.push(bench.base, to: bench.reference(name)) }
        #expect(try await builder.pruneCache(.registry(bench.cache), olderThan: .seconds(3600)).removed == 0)
        let pruned = try await builder.pruneCache(.registry(bench.cache), olderThan: .zero)
        #expect(pruned.removed >= 3 && pruned.kept == 1 && pruned.freedBytes == nil)
        #expect(try await bench.entries.tags().sorted() == ["image", "ocibuild-1.0"])
        #expect(try await bench.record(on: "b").done == CacheBench.steps)
    }
}
