import Archive
import Codecs
import Glibc
import Layers
import LinuxSystem
import OCIContent
import OCISpec
import Testing

@testable import BuildEngine

@Suite("Unpacking what is still being fetched")
struct StreamedUnpackTests {
    let folder: TemporaryDirectory
    let store: LocalStore
    let library: LayerLibrary

    init() throws {
        folder = try TemporaryDirectory()
        store = try LocalStore(root: folder.path)
        let origins = OriginSource(BlobOrigins(storeRoot: folder.path)) { place in
            throw ContentError(.blobMissing, place, "nothing else is to be asked")
        }
        library = try LayerLibrary(
            store: store, root: folder.path, form: .ofThisProcess(for: nil), origins: origins, report: { _ in })
    }

    /// A layer of two files that do not compress, each of several pieces.
    private static func layer() throws -> (blob: [UInt8], diffID: Digest) {
        let blob = BytesWriter()
        let writer = LayerWriter(blob, options: .init(compression: .fast))
        var state: UInt64 = 7
        for name in ["first", "last"] {
            let content = (0..<2_000_000).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return UInt8(truncatingIfNeeded: state >> 40)
            }
            try writer.append(ArchiveEntry(path: Path(name), type: .regular, mode: 0o644), bytes: content)
        }
        let result = try writer.finish()
        return (blob.bytes, result.diffID)
    }

    private func tree(_ source: any BlobSource, _ blob: [UInt8], _ diffID: Digest) -> LayeredTree {
        let descriptor = Descriptor(mediaType: .ociLayerGzip, digest: .sha256(of: blob), size: Int64(blob.count))
        return LayeredTree(
            layers: [LayerHandle(LayerHandle.Facts(descriptor: descriptor, diffID: diffID, source: source))])
    }

    private func files(named name: Path) throws -> Int {
        let snapshots = folder.path / "snapshots"
        return try DirectoryListing.entries(at: snapshots).count {
            FileSystem.exists(snapshots / $0.name / "fs" / name)
        }
    }

    @Test("the first file is there before the last one is sent", .timeLimit(.minutes(30)))
    func overlap() async throws {
        let (blob, diffID) = try Self.layer()
        let source = PausingSource(bytes: blob, pauseAt: blob.count * 2 / 5) {
            // Goes on only when the first file was made of what has come; the time limit ends a wait in vain.
            while try files(named: "first") == 0 { usleep(1000) }
            #expect(try files(named: "last") == 0)
        }
        let ids = try await library.unpacked(tree(source, blob, diffID))
        #expect(ids.count == 1)
        #expect(FileSystem.exists(library.snapshots.tree(ids[0]) / "last"))
        #expect(FileSystem.exists(store.blobPath(.sha256(of: blob))))
    }

    @Test(
        "a blob that came damaged is called that, and leaves neither a blob nor a snapshot",
        arguments: [0.1, 0.5, 0.999])
    func damaged(place: Double) async throws {
        let (blob, diffID) = try Self.layer()
        var wrong = blob
        wrong[Int(Double(blob.count) * place)] ^= 0x55
        let source = PausingSource(bytes: wrong, pauseAt: 0) {}
        let error = await #expect(throws: ContentError.self) {
            _ = try await library.unpacked(tree(source, blob, diffID))
        }
        #expect(error?.code == .digestMismatch)
        #expect(try files(named: "first") == 0)
        #expect(!FileSystem.exists(store.blobPath(.sha256(of: blob))))
        #expect(try library.snapshots.all().ids.isEmpty)
    }

    @Test("a layer with another content than its image promises is refused")
    func mismatch() async throws {
        let (blob, _) = try Self.layer()
        let source = PausingSource(bytes: blob, pauseAt: 0) {}
        let error = await #expect(throws: EngineError.self) {
            _ = try await library.unpacked(tree(source, blob, .sha256(of: [1])))
        }
        #expect(error?.code == .layerMismatch)
        #expect(try library.snapshots.all().ids.isEmpty)
    }

    @Test("a fetch that fails is the error, and the unpacking ends")
    func broken() async throws {
        struct Broken: Error {}
        let (blob, diffID) = try Self.layer()
        let source = PausingSource(bytes: blob, pauseAt: blob.count / 2) { throw Broken() }
        await #expect(throws: Broken.self) { _ = try await library.unpacked(tree(source, blob, diffID)) }
        #expect(try library.snapshots.all().ids.isEmpty)
    }
}

/// Sends a blob in pieces, and calls a function before it sends the byte at a place.
private struct PausingSource: BlobSource {
    let bytes: [UInt8]
    let pauseAt: Int
    let pause: @Sendable () throws -> Void

    func contains(_ blob: Descriptor) async throws -> Bool { true }

    func stream(
        _ blob: Descriptor, _ body: @escaping @Sendable (UnsafeRawBufferPointer) throws -> Void
    ) async throws {
        try await BlockingPool.shared.run {
            for part in [bytes[..<pauseAt], bytes[pauseAt...]] {
                if part.startIndex == pauseAt { try pause() }
                var rest = part
                while !rest.isEmpty {
                    try rest.prefix(100_000).withUnsafeBytes(body)
                    rest = rest.dropFirst(100_000)
                }
            }
        }
    }
}
