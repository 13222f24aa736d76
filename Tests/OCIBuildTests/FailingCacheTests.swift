import Codecs
import LinuxSystem
import OCIBuild
import OCIContent
import TestSupport
import Testing

/// A cache that fails, or that somebody has tampered with, costs time and nothing else.
@Suite("Shared caches that fail")
struct FailingCacheTests {
    private static let annotation = "org.ocibuild.cache.entry"

    @Test("one that cannot be reached is warned of once, for reading and for writing")
    func unreachable() async throws {
        let bench = try await CacheBench()
        let port = try LoopbackSocket.freePort()
        let gone = try Reference(parsing: "127.0.0.1:\(port)/cache")
        var options = bench.options(reads: false, writes: nil)
        options.cacheFrom = [CacheSource(.registry(gone))]
        options.cacheTo = [CacheTarget(.registry(gone), mode: .max)]
        let recording = try await bench.record(on: "a", options)
        #expect(recording.done == CacheBench.steps)
        #expect(recording.warnings.count == 2)
        #expect(recording.warnings.allSatisfy { $0.contains("\(gone.domain)/cache") && $0.contains("goes on without") })
        // The next one is asked all the same.
        _ = try await bench.record(on: "a")
        options.cacheFrom = [CacheSource(.registry(gone)), CacheSource(.registry(bench.cache))]
        options.cacheTo = []
        #expect(try await bench.record(on: "b", options).shared.count == 3)
    }

    @Test("an account that may read and not write is told so")
    func readOnly() async throws {
        let bench = try await CacheBench()
        let registry = try FaultRegistry { request in
            let denied = #"{"errors":[{"code":"DENIED","message":"requested access to the resource is denied"}]}"#
            if request.method == "GET" || request.method == "HEAD" {
                return .init(404, body: Array(#"{"errors":[{"code":"MANIFEST_UNKNOWN"}]}"#.utf8))
            }
            return .init(403, body: Array(denied.utf8))
        }
        var registries = RegistryOptions()
        registries.plainHTTPHosts = [bench.relay.host, registry.host]
        registries.attempts = 1
        let builder = try Builder(root: "\(bench.scratch.path)/a", registry: registries, environment: [:])
        var options = bench.options(reads: false, writes: nil)
        options.cacheFrom = [CacheSource(.registry(try Reference(parsing: "\(registry.host)/cache")))]
        options.cacheTo = [CacheTarget(.registry(try Reference(parsing: "\(registry.host)/cache")))]
        let recording = try await bench.record(builder, options)
        #expect(recording.done == CacheBench.steps)
        #expect(recording.warnings.count == 1)
        let warning = try #require(recording.warnings.first)
        #expect(warning.contains("cannot be written") && warning.contains("\(registry.host)/cache"))
        #expect(warning.contains("denied") && warning.contains("ocibuild login"))
    }

    @Test("a folder that holds something else is left alone")
    func strangeFolder() async throws {
        let bench = try await CacheBench()
        var options = bench.options(reads: false, writes: nil)
        let folder = bench.maker.context.description
        options.cacheFrom = [CacheSource(.folder(folder)), CacheSource(.folder("\(bench.scratch.path)/none"))]
        options.cacheTo = [CacheTarget(.folder(folder))]
        let recording = try await bench.record(on: "a", options)
        #expect(recording.done == CacheBench.steps)
        #expect(recording.warnings.count == 2 && recording.warnings.allSatisfy { $0.contains(folder) })
    }

    @Test("the entry of one step under the tag of another is refused, and replaced by the next to write")
    func movedTag() async throws {
        let bench = try await CacheBench()
        let first = try await bench.record(on: "a")
        let tags = try await bench.tags().steps
        try #require(tags.count == 3)
        let entries = try bench.entries
        let moved = try await entries.resolve(bench.reference(tags[0]))
        for tag in tags.dropFirst() { try await entries.tag(moved, as: bench.reference(tag)) }
        let second = try await bench.record(on: "b")
        #expect(second.shared.count == 1 && second.done.count == 2)
        #expect(second.image == first.image)
        #expect(second.warnings.count == 1)
        #expect(second.warnings.first?.contains("was not made for this tag") == true)
        let third = try await bench.record(on: "c")
        #expect(third.done == [] && third.warnings == [] && third.image == first.image)
    }

    @Test("an entry with another step's layer is found out when the layer is read, and the build does without")
    func swappedLayer() async throws {
        let bench = try await CacheBench()
        let first = try await bench.record(on: "a")
        let tags = try await bench.tags().steps
        var layers: [Descriptor] = []
        for tag in tags { layers.append(try #require(try await bench.manifest(tag).layers.first)) }
        for (index, tag) in tags.enumerated() {
            let (own, other) = (layers[index], layers[(index + 1) % tags.count])
            try await bench.replace(tag) { manifest in
                let text = try #require(manifest.annotations?[Self.annotation])
                manifest.annotations?[Self.annotation] = text.replacing(
                    own.digest.description, with: other.digest.description
                )
                .replacing("\"size\":\(own.size)", with: "\"size\":\(other.size)")
                manifest.layers[0] = other
            }
        }
        var options = bench.options(writes: nil)
        options.completesImage = true
        // Something has to read the layers.
        let text = bench.text + "RUN cat /ran /app/one /all > /sum\n"
        let second = try await bench.record(on: "b", options, text: text)
        #expect(second.warnings.contains { $0.contains("starts again without it") })
        let clean = try await bench.record(on: "c", bench.options(reads: false, writes: nil), text: text)
        #expect(second.image == clean.image)
        #expect(try await bench.record(on: "b", options, text: text).image == clean.image)
        #expect(try await bench.record(on: "a", bench.options(reads: false, writes: nil)).image == first.image)
    }

    @Test(
        "a layer that the registry has lost, or that has other bytes now, does not end the build",
        arguments: [true, false])
    func lostLayer(isLost: Bool) async throws {
        let bench = try await CacheBench()
        let first = try await bench.record(on: "a")
        for tag in try await bench.tags().steps {
            let layer = try #require(try await bench.manifest(tag).layers.first)
            let hex = layer.digest.hex
            let data = bench.registry.dataFolder / Path("docker/registry/v2/blobs/sha256/\(hex.prefix(2))/\(hex)/data")
            if isLost {
                try FileSystem.unlink(data)
            } else {
                try FileSystem.writeFile(data, [UInt8](repeating: 7, count: Int(layer.size)))
            }
        }
        var options = bench.options(writes: nil)
        options.completesImage = true
        let second = try await bench.record(on: "b", options)
        #expect(second.warnings.contains { $0.contains("starts again without it") })
        #expect(second.image == first.image)
        #expect(try bench.machine("b").store.verify().problems.isEmpty)
    }

    @Test("a shape that is not the layer's is found out when the layer is read, and nothing of it stays")
    func swappedShape() async throws {
        let bench = try await CacheBench()
        // Only the base's directory knows what /app is: the layer of the COPY repeats it.
        let text = "FROM \(bench.base)\nCOPY one /app/one\n"
        let first = try await bench.record(on: "a", text: text)
        let layers = try await bench.tags().layers
        try #require(layers.count == 2)
        let stranger = try await bench.manifest(layers[0])
        try await bench.replace(layers[1]) { manifest in
            let text = try #require(manifest.annotations?[Self.annotation])
            manifest.annotations?[Self.annotation] =
                text.replacing(manifest.layers[0].digest.description, with: stranger.layers[0].digest.description)
                .replacing("\"size\":\(manifest.layers[0].size)", with: "\"size\":\(stranger.layers[0].size)")
            manifest.layers = stranger.layers
        }
        try bench.maker.write("one", "2\n")
        let longer = text + "RUN ls -ld /app\n"
        let second = try await bench.record(on: "b", bench.options(writes: nil), text: longer)
        #expect(second.warnings.contains { $0.contains("somebody has changed the cache") })
        let clean = try await bench.record(on: "c", bench.options(reads: false, writes: nil), text: longer)
        #expect(second.image == clean.image)
        // The layer that was made by the wrong shape is no step's result any more.
        let again = try await bench.record(on: "b", bench.options(reads: false, writes: nil), text: text)
        #expect(again.image != first.image)
        #expect(
            try await bench.record(on: "c", bench.options(reads: false, writes: nil), text: text).image == again.image)
    }

    @Test(
        "with a key, what it has not signed is not used: nothing at all, another's, or what was signed and then changed"
    )
    func signatures() async throws {
        let bench = try await CacheBench()
        let (secret, open) = try bench.keys()
        var writing = bench.options()
        writing.cacheKey = secret
        var reading = bench.options(writes: nil)
        reading.cacheKey = open
        // Unsigned entries first: warned of once, and replaced.
        _ = try await bench.record(on: "a")
        let unsigned = try await bench.record(on: "b", reading)
        #expect(unsigned.done == CacheBench.steps && unsigned.warnings.count == 1)
        #expect(unsigned.warnings.first?.contains("no trusted key has signed") == true)
        let signed = try await bench.record(on: "c", writing)
        #expect(signed.done == CacheBench.steps && signed.warnings.count == 1)
        // A public key is enough to use them; a file and the environment serve as well.
        let file = bench.scratch.path / "cache.pub"
        try FileSystem.writeFile(file, Array(open.utf8))
        reading.cacheKey = file.description
        #expect(try await bench.record(on: "d", reading).shared.count == 3)
        reading.cacheKey = nil
        let builder = try bench.machine("e", environment: ["OCIBUILD_CACHE_KEY": open])
        #expect(try await bench.record(builder, reading).shared.count == 3)
        // Without a key they serve too; with another they do not.
        #expect(try await bench.record(on: "f", bench.options(writes: nil)).shared.count == 3)
        reading.cacheKey = try bench.keys().open
        #expect(try await bench.record(on: "g", reading).shared.isEmpty)
        // Stripped of its signature.
        reading.cacheKey = open
        for tag in try await bench.tags().steps {
            try await bench.replace(tag) { $0.annotations?["org.ocibuild.cache.signature"] = nil }
        }
        let stripped = try await bench.record(on: "h", reading)
        #expect(stripped.shared.isEmpty && stripped.warnings.count == 1 && stripped.image == signed.image)
        // Who can only check cannot write.
        reading.cacheTo = [CacheTarget(.registry(bench.cache))]
        let idle = try await bench.record(on: "h", reading)
        #expect(idle.warnings.contains { $0.contains("sign nothing") })
        // A key that cannot be read is a mistake to be mended, and no cache that fails.
        reading.cacheKey = "\(bench.scratch.path)/none.pem"
        let error = await #expect(throws: EngineError.self) { try await bench.record(on: "i", reading) }
        #expect(error?.code == .cacheKey && error?.message.contains("none.pem") == true)
    }

    @Test("secrets of a build are in no entry")
    func secrets() async throws {
        let bench = try await CacheBench()
        let secret = "s3cr3t-\(UInt64.random(in: .min ... .max))"
        var options = bench.options(writes: .max)
        options.secrets = ["token": .value(Array(secret.utf8))]
        options.cacheKey = try bench.keys().secret
        let text = bench.text + "RUN --mount=type=secret,id=token test -s /run/secrets/token && echo used > /used\n"
        let first = try await bench.record(on: "a", options, text: text)
        #expect(first.done.count == 4)
        let log = "\(first.events)"
        #expect(!log.contains(secret) && !log.contains("PRIVATE KEY"))
        let found = try bench.maker.shell(
            "grep -rlaE '\(secret)|PRIVATE KEY' \(bench.registry.dataFolder) \(bench.scratch.path) || true; "
                + "find \(bench.registry.dataFolder) -name data -exec sh -c 'gzip -dcf < \"$1\" 2>/dev/null | grep -qaF \(secret) && echo $1' sh {} \\;"
        )
        #expect(found == "")
        // The value is no part of the key.
        options.secrets = ["token": .value([1])]
        #expect(try await bench.record(on: "b", options, text: text).shared.count == 4)
    }

    @Test("a registry that removes nothing says so, and what to do")
    func refusedRemoval() async throws {
        var options = RegistryProcess.Options()
        options.allowsRemoval = false
        let bench = try await CacheBench(options)
        _ = try await bench.record(on: "a")
        let error = await #expect(throws: RegistryError.self) {
            try await bench.machine("a").pruneCache(.registry(bench.cache), olderThan: .zero)
        }
        #expect(error?.status == 405)
    }
}
