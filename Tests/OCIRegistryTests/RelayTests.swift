import LinuxSystem
import OCIContent
import OCIRegistry
import OCISpec
import Synchronization
import TestSupport
import Testing

/// Blobs that have no file here are passed on while they come.
@Suite("Relayed blobs")
struct RelayTests {
    private let image: SampleImage
    private var layer: Descriptor { image.layers[0] }

    init() throws { image = try SampleImage(layerSizes: [3_000_001]) }

    /// A source that counts how often it was read, and may fail.
    private final class Source: BlobSource {
        let reads = Atomic(0)
        let bytes: [UInt8]
        /// Fails after so many bytes of each read.
        let failsAfter: Int?

        init(_ bytes: [UInt8], failsAfter: Int? = nil) {
            self.bytes = bytes
            self.failsAfter = failsAfter
        }

        struct Broken: Error {}

        func contains(_ blob: Descriptor) async throws -> Bool { true }

        func stream(
            _ blob: Descriptor, _ body: @escaping @Sendable (UnsafeRawBufferPointer) throws -> Void
        ) async throws {
            reads.add(1, ordering: .relaxed)
            try await BlockingPool.shared.run { [bytes, failsAfter] in
                let count = failsAfter ?? bytes.count
                for start in stride(from: 0, to: count, by: 100_000) {
                    try bytes[start..<min(count, start + 100_000)].withUnsafeBytes(body)
                }
                if failsAfter != nil { throw Broken() }
            }
        }
    }

    private func repository(_ registry: FaultRegistry, credential: Credential? = nil) throws -> Repository {
        var options = RegistryOptions.test(plain: registry.host)
        if let credential { options.credentials = FixedCredentials([registry.host: credential]) }
        return try RegistryClient(options: options).repository(Reference(parsing: "\(registry.host)/a:1"))
    }

    private func source(failsAfter: Int? = nil) -> Source {
        Source(image.bytes(layer.digest), failsAfter: failsAfter)
    }

    /// A registry that has nothing; `put` answers the sending of a blob, counted from 1.
    private func registry(_ put: @escaping @Sendable (Int, FaultRegistry.Request) -> FaultRegistry.Response) throws
        -> FaultRegistry
    {
        let puts = Mutex(0)
        return try FaultRegistry { request in
            switch request.method {
            case "HEAD": return .init(404)
            case "POST": return .init(202, headers: [("Location", "/v2/a/blobs/uploads/1")])
            case "PATCH":
                return .init(202, headers: [("Location", "/v2/a/blobs/uploads/1"), ("Range", "0-3000000")])
            default:
                let number = puts.withLock { count in
                    count += 1
                    return count
                }
                return put(number, request)
            }
        }
    }

    @Test("From one registry to another, whole, and with the progress of the sending")
    func registries() async throws {
        let first = try RegistryProcess()
        let second = try RegistryProcess()
        let client = RegistryClient(options: .test(plain: first.host, second.host))
        let from = try client.repository(Reference(parsing: "\(first.host)/a:1"))
        let to = try client.repository(Reference(parsing: "\(second.host)/b:1"))
        try await from.ingest(layer, from: image)
        let counts = Mutex<[Int64]>([])
        try await to.ingest(layer, from: from) { count in counts.withLock { $0.append(count) } }
        #expect(counts.withLock { $0.last == 3_000_001 && $0 == $0.sorted() })
        let sink = Sink()
        try await to.stream(layer) { sink.append($0) }
        #expect(sink.bytes == image.bytes(layer.digest))
    }

    @Test("A registry that fails is tried again, from the start of the blob")
    func retries() async throws {
        let source = source()
        let registry = try registry { number, _ in .init(number < 3 ? 503 : 201) }
        try await repository(registry).ingest(layer, from: source)
        #expect(source.reads.load(ordering: .relaxed) == 3)
        #expect(registry.requests.last?.body == source.bytes)
    }

    @Test("So is one that asks for credentials only then")
    func challenge() async throws {
        let source = source()
        let registry = try registry { _, request in
            request.header("authorization") == nil
                ? .init(401, headers: [("WWW-Authenticate", "Basic realm=\"r\"")]) : .init(201)
        }
        try await repository(registry, credential: .basic(username: "u", password: "p")).ingest(layer, from: source)
        #expect(registry.requests.last?.body == source.bytes)
        #expect(registry.requests.last?.header("authorization") != nil)
    }

    @Test("A registry that finds it too large gets it in chunks")
    func chunks() async throws {
        let source = source()
        let registry = try registry { _, request in .init(request.body.isEmpty ? 201 : 413) }
        try await repository(registry).ingest(layer, from: source)
        let patches = registry.requests.filter { $0.method == "PATCH" }
        #expect(patches.flatMap(\.body) == source.bytes)
    }

    @Test("A source that fails, at any point, never makes a whole blob", arguments: [0, 100_000, 3_000_001])
    func failingSource(after count: Int) async throws {
        let source = source(failsAfter: count)
        let registry = try registry { _, _ in .init(201) }
        await #expect(throws: Source.Broken.self) {
            try await repository(registry).ingest(layer, from: source)
        }
        // Its failure is final: it has done its own retries.
        #expect(source.reads.load(ordering: .relaxed) == 1)
        #expect(!registry.requests.contains { $0.method == "PUT" })
    }

    @Test("A refusal is the target's error, not the source's")
    func refusal() async throws {
        let registry = try registry { _, _ in .init(403) }
        let error = await registryError { try await repository(registry).ingest(layer, from: source()) }
        #expect(error?.code == "DENIED")
    }

    @Test("A source that hangs is left when the task is cancelled")
    func cancelled() async throws {
        struct Hanging: BlobSource {
            func contains(_ blob: Descriptor) async throws -> Bool { true }
            func stream(
                _ blob: Descriptor, _ body: @escaping @Sendable (UnsafeRawBufferPointer) throws -> Void
            ) async throws {
                try await Task.sleep(for: .seconds(3600))
            }
        }
        let registry = try registry { _, _ in .init(201) }
        let target = try repository(registry)
        let task = Task { [layer] in try await target.ingest(layer, from: Hanging()) }
        while !registry.requests.contains(where: { $0.method == "POST" }) {
            try await Task.sleep(for: .milliseconds(5))
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}
