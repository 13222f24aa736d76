import Codecs
import LinuxSystem
import OCIContent
import OCISpec
import Testing

@Suite("Reading a blob while it comes")
struct BlobArrivalTests {
    let folder: TemporaryDirectory
    let store: LocalStore
    static let bytes = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7) }
    static let blob = Descriptor(mediaType: .ociLayer, digest: .sha256(of: bytes), size: Int64(bytes.count))

    init() throws {
        folder = try TemporaryDirectory()
        store = try LocalStore(root: folder.path / "store")
    }

    private func ingest(_ source: SteppedSource, _ arrival: BlobArrival) async throws {
        do { try await store.ingest(Self.blob, from: source, arrival: arrival) { _ in } } catch {
            arrival.end(at: nil)
            throw error
        }
        arrival.end(at: store.blobPath(Self.blob.digest))
    }

    @Test("each piece can be read before the next one is sent")
    func stepwise() async throws {
        let arrival = BlobArrival(of: Self.blob)
        let reader = SharedReader(arrival.reader())
        // The source sends a piece only when what it sent before was read: it would wait for ever otherwise.
        let source = SteppedSource(pieces: Self.pieces(Self.bytes)) { sent in
            try reader.readUntil(sent)
        }
        try await ingest(source, arrival)
        try reader.readUntil(Self.bytes.count)
        let isSame = reader.read == Self.bytes
        #expect(isSame)
        #expect(try reader.isAtEnd())
        #expect(try await store.contains(Self.blob))
    }

    @Test(
        "a blob that stops to come ends the reading, and what came differs from it is not kept",
        arguments: [true, false])
    func failing(isDamaged: Bool) async throws {
        var wrong = Self.bytes
        if isDamaged { wrong[700_000] ^= 1 } else { wrong.removeLast(300_000) }
        let arrival = BlobArrival(of: Self.blob)
        let source = SteppedSource(pieces: Self.pieces(wrong)) { _ in }
        async let drained: Result<Int, any Error> = BlockingPool.shared.run {
            Result { try arrival.reader().readAll(limit: 1 << 24).count }
        }
        let error = await #expect(throws: ContentError.self) { try await ingest(source, arrival) }
        #expect(error?.code == (isDamaged ? .digestMismatch : .sizeMismatch))
        switch try await drained {
        case .success(let count): #expect(isDamaged && count == Self.bytes.count)
        case .failure(let error): #expect(!isDamaged && (error as? ContentError)?.code == .blobMissing)
        }
        #expect(try await !store.contains(Self.blob))
    }

    @Test("a blob that somebody else brought is read when it is there")
    func elsewhere() async throws {
        _ = try store.put(Self.bytes, mediaType: .ociLayer)
        let arrival = BlobArrival(of: Self.blob)
        arrival.end(at: store.blobPath(Self.blob.digest))
        let isSame = try arrival.reader().readAll(limit: 1 << 24) == Self.bytes
        #expect(isSame)
        let missing = BlobArrival(of: Self.blob)
        missing.end(at: nil)
        #expect(throws: ContentError.self) { try missing.reader().readAll(limit: 1 << 24) }
    }

    private static func pieces(_ bytes: [UInt8]) -> [[UInt8]] {
        stride(from: 0, to: bytes.count, by: 70_000).map { Array(bytes[$0..<min($0 + 70_000, bytes.count)]) }
    }
}

/// Sends pieces, and calls a function after each with the bytes that were sent in all.
private struct SteppedSource: BlobSource {
    let pieces: [[UInt8]]
    let afterEach: @Sendable (Int) throws -> Void

    func contains(_ blob: Descriptor) async throws -> Bool { true }

    func stream(
        _ blob: Descriptor, _ body: @escaping @Sendable (UnsafeRawBufferPointer) throws -> Void
    ) async throws {
        try await BlockingPool.shared.run {
            var sent = 0
            for piece in pieces {
                try piece.withUnsafeBytes(body)
                sent += piece.count
                try afterEach(sent)
            }
        }
    }
}

/// A reader for one thread after another.
// @unchecked Sendable: the test uses it on one thread at a time.
private final class SharedReader: @unchecked Sendable {
    private let reader: any ByteReader
    private(set) var read: [UInt8] = []

    init(_ reader: any ByteReader) { self.reader = reader }

    func readUntil(_ count: Int) throws {
        var buffer = [UInt8](repeating: 0, count: 50_000)
        while read.count < count {
            let wanted = min(buffer.count, count - read.count)
            let length = try buffer.withUnsafeMutableBytes {
                try reader.read(into: UnsafeMutableRawBufferPointer(rebasing: $0[..<wanted]))
            }
            guard length > 0 else { return }
            read += buffer[..<length]
        }
    }

    func isAtEnd() throws -> Bool {
        var byte = [UInt8](repeating: 0, count: 1)
        return try byte.withUnsafeMutableBytes { try reader.read(into: $0) } == 0
    }
}
