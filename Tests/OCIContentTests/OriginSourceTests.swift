import Codecs
import LinuxSystem
import OCIContent
import OCISpec
import Synchronization
import TestSupport
import Testing

@Suite struct OriginSourceTests {
    let folder: TemporaryDirectory
    let store: LocalStore
    let origins: BlobOrigins
    let whole = MemoryStore()
    let bytes = [UInt8](repeating: 7, count: 5000)
    let blob: Descriptor

    init() throws {
        folder = try TemporaryDirectory()
        store = try LocalStore(root: folder.path / "store")
        origins = BlobOrigins(storeRoot: folder.path / "store")
        blob = whole.put(bytes, mediaType: .ociLayer)
    }

    /// Gives half of every blob, and breaks.
    private struct Torn: BlobSource {
        let bytes: [UInt8]
        func contains(_ blob: Descriptor) async throws -> Bool { true }
        func stream(
            _ blob: Descriptor, _ body: @escaping @Sendable (UnsafeRawBufferPointer) throws -> Void
        ) async throws {
            try bytes.prefix(bytes.count / 2).withUnsafeBytes { try body($0) }
            throw SystemError("read", errno: .noEntry)
        }
    }

    private func source(lastResorts: [String] = []) -> OriginSource {
        OriginSource(origins, lastResorts: lastResorts) { [whole, bytes] place in
            switch place {
            case "whole": return whole
            case "torn": return Torn(bytes: bytes)
            case "closed": throw SystemError("open", Path(place), errno: .accessDenied)
            default: return MemoryStore()
            }
        }
    }

    @Test func theNextPlaceIsTried() async throws {
        for place in ["whole", "empty", "closed"] { try origins.note([blob.digest], at: place) }
        #expect(source().places(of: blob.digest) == ["closed", "empty", "whole"])
        #expect(try await source().contains(blob))
        #expect(try await source().bytes(of: blob) == bytes)
        try await source().bring(blob, to: store) { _ in }
        #expect(try await store.bytes(of: blob) == bytes)
    }

    @Test func aPlaceThatHasItNoMoreIsForgotten() async throws {
        for place in ["whole", "empty", "closed"] { try origins.note([blob.digest], at: place) }
        #expect(try await source().bytes(of: blob) == bytes)
        // One that cannot be asked may have it still.
        #expect(origins.places(of: blob.digest) == ["closed", "whole"])
        try origins.forget(blob.digest, at: "closed")
        try origins.forget(blob.digest, at: "closed")
        try origins.forget(blob.digest, at: "whole")
        #expect(origins.places(of: blob.digest).isEmpty)
    }

    @Test func bytesOfTwoPlacesAreNeverMixed() async throws {
        for place in ["whole", "torn"] { try origins.note([blob.digest], at: place) }
        await #expect(throws: SystemError.self) { try await source().bytes(of: blob) }
        // What is brought begins anew with each place.
        try await source().bring(blob, to: store) { _ in }
        #expect(try await store.bytes(of: blob) == bytes)
        #expect(try DirectoryListing.entries(at: folder.path / "store/tmp").isEmpty)
    }

    @Test func whatLiesIsNotTaken() async throws {
        let other = MemoryStore()
        let lie = other.put(bytes.map { $0 ^ 1 }, mediaType: .ociLayer)
        try origins.note([blob.digest], at: "liar")
        let source = OriginSource(origins) { _ in Renaming(other: other, lie: lie) }
        await #expect(throws: ContentError.self) { try await source.bring(blob, to: store) { _ in } }
        #expect(try await !store.contains(blob))
    }

    /// Gives one blob for any that is asked for.
    private struct Renaming: BlobSource {
        let other: MemoryStore
        let lie: Descriptor
        func contains(_ blob: Descriptor) async throws -> Bool { true }
        func stream(
            _ blob: Descriptor, _ body: @escaping @Sendable (UnsafeRawBufferPointer) throws -> Void
        ) async throws { try await other.stream(lie, body) }
    }

    @Test func theErrorNamesWhoWasAsked() async throws {
        let unknown = await #expect(throws: ContentError.self) { try await source().bytes(of: blob) }
        #expect(unknown?.code == .blobMissing)
        #expect(unknown?.message.contains("nothing says where else") == true)
        for place in ["empty", "closed"] { try origins.note([blob.digest], at: place) }
        let error = await #expect(throws: ContentError.self) {
            try await source(lastResorts: ["third"]).bring(blob, to: store) { _ in }
        }
        for part in ["asked closed", "asked empty", "asked third", "--no-cache"] {
            #expect(error?.message.contains(part) == true, "\(part)")
        }
        #expect(error?.subject == blob.digest.description)
        #expect(try await !source().contains(blob))
    }

    @Test func theConsumersErrorIsItsOwn() async throws {
        struct Full: Error {}
        for place in ["empty", "whole"] { try origins.note([blob.digest], at: place) }
        await #expect(throws: Full.self) { try await source().stream(blob) { _ in throw Full() } }
    }

    @Test func aStoreReadsWhatItLacksFromThere() async throws {
        try origins.note([blob.digest], at: "whole")
        let reachable = ReachableStore(store, source())
        #expect(try await reachable.contains(blob))
        #expect(try await !store.contains(blob))
        #expect(try await reachable.bytes(of: blob) == bytes)
        #expect(try await reachable.file(of: blob) == nil)
        let own = try store.put([1, 2, 3], mediaType: .ociLayer)
        #expect(try await reachable.file(of: own) != nil)
    }

    @Test func pruningAStoreForgetsWhatNothingNeeds() async throws {
        let config = try store.put(Array("{}".utf8), mediaType: .ociConfig)
        let manifest = try store.put(
            CanonicalJSON.encode(ImageManifest(config: config, layers: [blob])), mediaType: .ociManifest)
        try await store.tag(manifest, as: Reference(parsing: "image"))
        let other = Digest.sha256(of: [9])
        try origins.note([blob.digest, other], at: "whole")
        let dry = try store.prune(grace: 0, dryRun: true)
        #expect(dry.removedBlobs == 0 && !origins.places(of: other).isEmpty)
        let report = try store.verify()
        #expect(report.problems.isEmpty && report.absent.map(\.digest) == [blob.digest])
        _ = try store.prune(grace: 0)
        #expect(origins.places(of: other).isEmpty && !origins.places(of: blob.digest).isEmpty)
        for blob in [manifest, config] { #expect(try await store.contains(blob)) }
        try store.untag(Reference(parsing: "image"))
        _ = try store.prune(grace: -1)
        #expect(origins.places(of: blob.digest).isEmpty)
        #expect(try store.verify().checkedBlobs == 0)
    }
}
