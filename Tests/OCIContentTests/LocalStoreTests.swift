import Codecs
import Glibc
import LinuxSystem
import OCIContent
import OCISpec
import TestSupport
import Testing

@Suite struct LocalStoreTests {
    let folder: TemporaryDirectory
    let store: LocalStore

    init() throws {
        folder = try TemporaryDirectory()
        store = try LocalStore(root: folder.path / "store")
    }

    private var root: Path { folder.path / "store" }

    private func code(_ body: () async throws -> Void) async -> ContentError.Code? {
        do { try await body() } catch { return (error as? ContentError)?.code }
        return nil
    }

    @Test func namesAreListedSortedAndRemoved() async throws {
        let image = try await RandomImage.make(in: store)
        for name in ["b/c:2", "a/x", "example.com/z@\(image.descriptor.digest)"] {
            try await store.tag(image.descriptor, as: Reference(parsing: name))
        }
        #expect(
            try store.references().map(\.reference.familiar) == [
                "a/x:latest", "b/c:2", "example.com/z@\(image.descriptor.digest)",
            ])
        try store.untag(Reference(parsing: "a/x"))
        #expect(try store.references().count == 2)
        #expect(await code { try store.untag(Reference(parsing: "a/x")) } == .imageMissing)
        let error = await #expect(throws: ContentError.self) { try await store.resolve(Reference(parsing: "b/c:3")) }
        #expect(error?.message.contains("there is b/c:2") == true)
    }

    @Test func aNameThatStandsCostsNoWrite() async throws {
        let image = try await RandomImage.make(in: store)
        for name in ["b", "a"] { try await store.tag(image.descriptor, as: Reference(parsing: name)) }
        let before = try FileSystem.status(root / "index.json")
        var listed = image.descriptor
        listed.annotations = ["other": "place"]
        for name in ["b", "a"] { try await store.tag(listed, as: Reference(parsing: name)) }
        #expect(try FileSystem.status(root / "index.json").inode == before.inode)
    }

    @Test func strayThingsAmongTheBlobsAreReported() async throws {
        try store.put([1], mediaType: .ociLayer)
        try FileSystem.writeFile(root / "blobs/file", [])
        try FileSystem.writeFile(root / "blobs/sha256/stray", [])
        let report = try store.verify()
        #expect(report.checkedBlobs == 1)
        #expect(report.problems.map(\.code) == [.storeUnsafe, .storeUnsafe])
    }

    @Test func reopeningKeepsEverything() async throws {
        let image = try await RandomImage.make(in: store)
        try await store.tag(image.descriptor, as: Reference(parsing: "kept:1"))
        let again = try LocalStore(root: root)
        #expect(try await again.resolve(Reference(parsing: "kept:1")) == image.descriptor)
        #expect(try await again.config(of: image.manifest.config) == image.config)
    }

    @Test func corruptBlobNamesFileAndRemedy() async throws {
        let image = try await RandomImage.make(in: store)
        let layer = image.manifest.layers[1]
        var bytes = try FileSystem.readFile(store.blobPath(layer.digest))
        bytes[bytes.count / 2] ^= 1
        try FileSystem.writeFile(store.blobPath(layer.digest), bytes)
        let error = await #expect(throws: ContentError.self) { try await store.stream(layer) { _ in } }
        #expect(error?.code == .digestMismatch)
        #expect(error?.message.contains("\(store.blobPath(layer.digest))") == true)
        #expect(error?.message.contains("remove that file") == true)
        let report = try store.verify()
        #expect(report.checkedBlobs == image.blobs.count)
        #expect(report.problems.map(\.code) == [.digestMismatch])
        // A torn blob is not there, and is replaced.
        try FileSystem.writeFile(store.blobPath(layer.digest), Array(bytes.dropLast()))
        #expect(try await !store.contains(layer))
        let source = MemoryStore()
        _ = try await RandomImage.make(in: source)
        try await copy(image.descriptor, from: source, to: store)
        #expect(try store.verify().problems.isEmpty)
    }

    @Test func plantedLinksAndStrangersAreRefused() async throws {
        let secret = folder.path / "secret"
        try FileSystem.writeFile(secret, [1, 2, 3])
        let blob = Descriptor(mediaType: .ociLayer, digest: .sha256(of: [1, 2, 3]), size: 3)
        try FileSystem.symlink(target: secret, at: store.blobPath(blob.digest))
        #expect(try await !store.contains(blob))
        #expect(await code { try await store.stream(blob) { _ in } } == .storeUnsafe)

        let linked = folder.path / "linked"
        try FileSystem.makeDirectory(linked)
        try FileSystem.symlink(target: folder.path, at: linked / "blobs")
        #expect(await code { _ = try LocalStore(root: linked) } == .storeUnsafe)

        let foreign = folder.path / "foreign"
        _ = try LocalStore(root: foreign)
        try FileSystem.setOwner(foreign / "tmp", uid: 12345, gid: 12345)
        #expect(await code { _ = try LocalStore(root: foreign) } == .storeUnsafe)

        let home = folder.path / "home"
        try FileSystem.makeDirectory(home)
        try FileSystem.writeFile(home / "letter.txt", [])
        #expect(await code { _ = try LocalStore(root: home) } == .storeUnsafe)
        #expect(try DirectoryListing.entries(at: home).count == 1)
    }

    @Test func directoriesAreClosedToOthers() throws {
        for name in ["", "blobs", "blobs/sha256", "tmp", "locks"] {
            #expect(try FileSystem.status(root / Path(name)).mode == 0o700, "\(name)")
        }
    }

    @Test func pruneKeepsWhatIsNeeded() async throws {
        let kept = try await RandomImage.make(in: store, seed: 1)
        let lost = try await RandomImage.make(in: store, seed: 2)
        let rooted = try await RandomImage.make(in: store, seed: 3)
        let single = try store.put([7, 7, 7], mediaType: .ociLayer)
        try await store.tag(kept.descriptor, as: Reference(parsing: "kept"))
        try FileSystem.writeFile(root / "tmp/leftover", [UInt8](repeating: 1, count: 100_000))
        let roots = PruneRoots(digests: [single.digest], descriptors: [rooted.descriptor])

        #expect(try store.prune(keeping: roots).removedBlobs == 0, "young blobs stay")
        let dry = try store.prune(keeping: roots, grace: -1, dryRun: true)
        #expect(dry.removedBlobs == lost.blobs.count)
        #expect(try await store.contains(lost.descriptor))
        let result = try store.prune(keeping: roots, grace: -1)
        #expect(result.removedBlobs == lost.blobs.count)
        #expect(result.keptBlobs == kept.blobs.count + rooted.blobs.count + 1)
        #expect(result.freedBytes > 0 && result.freedBytes % 512 == 0)
        for blob in kept.blobs + rooted.blobs + [single] { #expect(try await store.contains(blob)) }
        for blob in lost.blobs { #expect(try await !store.contains(blob)) }
        #expect(try store.verify().problems.isEmpty)
        #expect(try DirectoryListing.entries(at: root / "tmp").isEmpty)
    }

    @Test func pruneAndBuildsShutEachOtherOut() async throws {
        let lease = try store.lease()
        #expect(await code { _ = try store.prune() } == .storeBusy)
        let another = try store.lease()
        withExtendedLifetime((lease, another)) {}
    }

    @Test func pruneRunsWhenLeasesAreGone() throws {
        do {
            let lease = try store.lease()
            withExtendedLifetime(lease) {}
        }
        let exclusive = try store.exclusiveLease()
        #expect(throws: Never.self) { try store.prune(under: exclusive) }
    }

    @Test func aBlobFoundUsefulAgainIsYoung() async throws {
        let blob = try store.put([1], mediaType: .ociLayer)
        try FileSystem.setModified(store.blobPath(blob.digest), FileTime(seconds: 1000))
        let source = MemoryStore()
        source.put([1], mediaType: .ociLayer)
        try await store.ingest(blob, from: source)
        #expect(try store.prune().removedBlobs == 0)
    }

    @Test func halfDoneWorkOfTheLivingStays() throws {
        let ingest = try store.beginBlob()
        try ingest.write([1, 2, 3])
        let directory = try store.temporaries.makeDirectory()
        try FileSystem.writeFile(directory.path / "file", [1])
        try FileSystem.makeDirectories(root / "tmp/dead/deep")
        _ = try LocalStore(root: root)
        #expect(!FileSystem.exists(root / "tmp/dead"))
        #expect(FileSystem.exists(directory.path / "file"))
        #expect(try ingest.commit(mediaType: .ociLayer).digest == .sha256(of: [1, 2, 3]))
        #expect(throws: ContentError.self) { try ingest.commit(mediaType: .ociLayer) }
    }

    @Test func manyTagsAtOnceLoseNone() async throws {
        let image = try await RandomImage.make(in: store)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<24 {
                group.addTask {
                    // Each through a store of its own, as another process would have it.
                    let store = try LocalStore(root: root)
                    try await store.tag(image.descriptor, as: Reference(parsing: "many:\(number)"))
                }
            }
            try await group.waitForAll()
        }
        #expect(try store.references().count == 24)
    }

    @Test func cancellationEndsAStream() async throws {
        let blob = try store.put([UInt8](repeating: 5, count: 8 << 20), mediaType: .ociLayer)
        let task = Task { [store] in
            try await store.stream(blob) { _ in usleep(1_000_000) }
        }
        try await Task.sleep(for: .milliseconds(60))
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}
