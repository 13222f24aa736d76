import Glibc
import LinuxSystem
import OCISpec

/// The store of one machine: images below a root directory that several processes may use at once.
///
/// The root is a valid OCI image layout, so other tools can read it in place; beside the layout's own files there are
/// `tmp/` (half-done work, removable at any time) and `locks/`. Names are full references.
public final class LocalStore: ContentStore {
    /// The root directory.
    package let root: Path
    let layout: LayoutDirectory
    /// Half-done work on the store's file system; also for other users of the root.
    package let temporaries: TemporaryArea

    /// Opens the store in `directory` and makes it if there is none. What crashed processes left in `tmp/` is removed.
    public convenience init(directory: String) throws {
        try self.init(root: Path(directory))
    }

    /// Opens the store at `root` and makes it if there is none. What crashed processes left in `tmp/` is removed.
    package init(root: Path) throws {
        self.root = root
        temporaries = TemporaryArea(root / "tmp")
        layout = LayoutDirectory(root: root, temporaries: temporaries, indexLock: root / "locks/index")
        try Self.checkUsable(root)
        // Images hold set-user-id programs that no other user of the machine should be able to start.
        for name in ["tmp", "locks", "blobs", "blobs/sha256"] {
            try FileSystem.makeDirectories(root / Path(name), mode: 0o700)
            try Self.checkOwnDirectory(root / Path(name))
        }
        try temporaries.sweep()
        try layout.create(mode: 0o700)
        try layout.checkVersion()
        if !FileSystem.exists(layout.indexPath) { try layout.updateIndex { _ in } }
    }

    /// Refuses to turn a directory that holds other things into a store.
    private static func checkUsable(_ root: Path) throws {
        guard let status = try FileSystem.statusIfPresent(root, following: true) else { return }
        guard status.type == .directory else {
            throw ContentError(.storeUnsafe, root.description, "is not a directory; choose another with --root")
        }
        if FileSystem.exists(root / "oci-layout") { return }
        let own: Set<Path> = ["blobs", "index.json", "tmp", "locks", "snapshots", "steps", "origins", "lost+found"]
        if let strange = try DirectoryListing.entries(at: root).map(\.name).filter({ !own.contains($0) }).min() {
            throw ContentError(
                .storeUnsafe, root.description,
                "is not a store and holds other files (\(strange)); choose an empty directory with --root")
        }
    }

    private static func checkOwnDirectory(_ path: Path) throws {
        let status = try FileSystem.status(path)
        guard status.type == .directory else {
            throw ContentError(
                .storeUnsafe, path.description, "is a \(status.type) where the store keeps a directory; remove it")
        }
        guard status.uid == geteuid() else {
            throw ContentError(
                .storeUnsafe, path.description,
                "belongs to user \(status.uid), not to you (\(geteuid())); choose another store with --root")
        }
    }

    /// Where the blob of that digest is, or would be.
    package func blobPath(_ digest: Digest) -> Path { layout.blobPath(digest) }

    /// Begins a blob whose digest is not known yet.
    package func beginBlob() throws -> BlobIngest { try BlobIngest(layout) }

    /// Begins a blob of which the writer takes the digest itself, so that its bytes are hashed once:
    /// ``BlobIngest/commit(_:)`` believes it.
    package func beginHashedBlob() throws -> BlobIngest { try BlobIngest(layout, isHashedByWriter: true) }

    /// Adds bytes. For a thread that may block.
    @discardableResult
    public func put(_ bytes: [UInt8], mediaType: MediaType) throws -> Descriptor {
        let ingest = try beginBlob()
        try ingest.write(bytes)
        return try ingest.commit(mediaType: mediaType)
    }

    /// As `BlobSource` says.
    public func contains(_ blob: Descriptor) async throws -> Bool {
        try layout.contains(blob)
    }

    /// As `BlobSource` says.
    public func file(of blob: Descriptor) async throws -> BlobFile? {
        try layout.file(of: blob)
    }

    /// As `BlobSource` says.
    public func stream(
        _ blob: Descriptor, _ body: @escaping @Sendable (UnsafeRawBufferPointer) throws -> Void
    ) async throws {
        try await layout.stream(blob, body)
    }

    /// As `BlobTarget` says.
    public func ingest(
        _ blob: Descriptor, from source: any BlobSource, progress: @escaping @Sendable (Int64) -> Void
    ) async throws {
        try await layout.ingest(blob, from: source, progress: progress)
    }
}
