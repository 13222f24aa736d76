import Codecs
import LinuxSystem
import OCIContent
import OCISpec

/// What any place of images must do, as checks that throw. A test makes an empty store for each.
package enum ContentStoreConformance {
    /// A promise that a store did not keep.
    package struct Violation: Error, CustomStringConvertible {
        /// What was expected and what happened.
        package let description: String
    }

    /// One promise.
    package struct Check: Sendable, CustomStringConvertible {
        /// What is promised.
        package let description: String
        /// Throws unless the empty store that it is given keeps the promise.
        package let run: @Sendable (any ContentStore) async throws -> Void
    }

    /// All promises.
    package static let checks: [Check] = [
        Check(description: "an image comes back as it went in", run: roundTrip),
        Check(description: "what is absent is said to be absent", run: absence),
        Check(description: "a blob with a wrong digest or size never becomes visible", run: hostileSource),
        Check(description: "a second ingest is no error", run: twice),
        Check(description: "a name is moved by tagging again", run: retag),
        Check(description: "an unknown name is an error", run: unknownName),
        Check(description: "an error of the consumer ends the stream", run: consumerError),
        Check(description: "many blobs may come at once", run: concurrent),
        Check(description: "an index brings all its images, a platform only its own", run: index),
    ]

    private static func expect(_ condition: Bool, _ message: @autoclosure () -> String) throws {
        if !condition { throw Violation(description: message()) }
    }

    private static func expectError(_ what: String, _ body: () async throws -> Void) async throws {
        do { try await body() } catch { return }
        throw Violation(description: "\(what) is no error")
    }

    private static func compare(_ blob: Descriptor, _ left: any BlobSource, _ right: any BlobSource) async throws {
        try expect(try await right.contains(blob), "\(blob.digest) is absent")
        let expected = try await left.bytes(of: blob, limit: .max)
        try expect(try await right.bytes(of: blob, limit: .max) == expected, "\(blob.digest) differs")
        if let file = try await right.file(of: blob) {
            try expect(try file.reader().readAll(limit: .max) == expected, "the file of \(blob.digest) differs")
        }
    }

    @Sendable private static func roundTrip(_ store: any ContentStore) async throws {
        let source = MemoryStore()
        for compression in [Compression.none, .default, .zstd] {
            let image = try await RandomImage.make(
                in: source, fileSize: 1_200_000, compression: compression, seed: 7)
            let name = try Reference(parsing: "example.com/conformance/\(compression.rawValue):1")
            try await copy(image.descriptor, from: source, to: store)
            try await store.tag(image.descriptor, as: name)
            try expect(try await store.resolve(name).digest == image.descriptor.digest, "\(name) names another image")
            for blob in image.blobs { try await compare(blob, source, store) }
        }
    }

    @Sendable private static func absence(_ store: any ContentStore) async throws {
        let blob = Descriptor(mediaType: .ociLayer, digest: .sha256(of: [1, 2, 3]), size: 3)
        try expect(try await !store.contains(blob), "an empty store has a blob")
        try expect(try await store.file(of: blob) == nil, "an empty store has a file")
        try await expectError("reading what is absent") { try await store.stream(blob) { _ in } }
    }

    /// Hands out other bytes than were asked for.
    private struct Liar: BlobSource {
        let bytes: [UInt8]

        func contains(_ blob: Descriptor) async throws -> Bool { true }

        func stream(
            _ blob: Descriptor, _ body: @escaping @Sendable (UnsafeRawBufferPointer) throws -> Void
        ) async throws {
            try bytes.withUnsafeBytes(body)
        }
    }

    @Sendable private static func hostileSource(_ store: any ContentStore) async throws {
        let good = [UInt8]("content".utf8)
        let blob = Descriptor(mediaType: .ociLayer, digest: .sha256(of: good), size: Int64(good.count))
        for bytes in [[], good.dropLast(), good + [0], [UInt8]("Content".utf8)] as [[UInt8]] {
            try await expectError("a lying source (\(bytes.count) bytes)") {
                try await store.ingest(blob, from: Liar(bytes: bytes))
            }
            try expect(try await !store.contains(blob), "a blob with wrong bytes became visible")
        }
        try await store.ingest(blob, from: Liar(bytes: good))
        try expect(try await store.bytes(of: blob) == good, "the blob did not arrive after failures")
    }

    @Sendable private static func twice(_ store: any ContentStore) async throws {
        let image = try await RandomImage.make(in: store, seed: 3)
        let source = MemoryStore()
        _ = try await RandomImage.make(in: source, seed: 3)
        for blob in image.blobs { try await store.ingest(blob, from: source) }
        for blob in image.blobs { try await compare(blob, source, store) }
    }

    @Sendable private static func retag(_ store: any ContentStore) async throws {
        let first = try await RandomImage.make(in: store, seed: 1)
        let second = try await RandomImage.make(in: store, seed: 2)
        let name = try Reference(parsing: "example.com/conformance/retag:latest")
        try await store.tag(first.descriptor, as: name)
        try await store.tag(first.descriptor, as: Reference(parsing: "example.com/conformance/retag:other"))
        try await store.tag(second.descriptor, as: name)
        try expect(try await store.resolve(name).digest == second.descriptor.digest, "the name was not moved")
        let bare = Reference(domain: name.domain, repository: name.repository)
        try expect(try await store.resolve(bare).digest == second.descriptor.digest, "latest is not the default")
        let pinned = Reference(domain: name.domain, repository: name.repository, digest: first.descriptor.digest)
        try expect(try await store.resolve(pinned).digest == first.descriptor.digest, "a digest is no name")
    }

    @Sendable private static func unknownName(_ store: any ContentStore) async throws {
        _ = try await RandomImage.make(in: store)
        try await expectError("an unknown name") {
            _ = try await store.resolve(Reference(parsing: "example.com/conformance/unknown:1"))
        }
    }

    @Sendable private static func consumerError(_ store: any ContentStore) async throws {
        struct Enough: Error {}
        let image = try await RandomImage.make(in: store)
        do {
            try await store.stream(image.manifest.layers[0]) { _ in throw Enough() }
            throw Violation(description: "the consumer's error is lost")
        } catch is Enough {}
    }

    @Sendable private static func concurrent(_ store: any ContentStore) async throws {
        let source = MemoryStore()
        let image = try await RandomImage.make(in: source, layers: 12, seed: 11)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask { try await copy(image.descriptor, from: source, to: store, concurrency: 8) }
            }
            try await group.waitForAll()
        }
        for blob in image.blobs { try await compare(blob, source, store) }
    }

    @Sendable private static func index(_ store: any ContentStore) async throws {
        let source = MemoryStore()
        let platforms = [Platform(os: "linux", architecture: "s390x"), Platform(os: "linux", architecture: "riscv64")]
        let (index, images) = try await RandomImage.makeIndex(in: source, platforms: platforms, seed: 21)
        let one = try await copy(index, from: source, to: store, platform: platforms[1])
        try expect(one.digest == images[1].descriptor.digest, "the wrong platform was copied")
        try expect(try await !store.contains(images[0].descriptor), "the other platform was copied")
        try await copy(index, from: source, to: store)
        for blob in [index] + images.flatMap(\.blobs) { try await compare(blob, source, store) }
    }
}
