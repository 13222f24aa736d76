import CLinux
import Codecs
import Glibc
import LinuxSystem
import OCISpec

/// An OCI image layout on disk: `oci-layout`, `index.json` and `blobs/`.
///
/// See <https://github.com/opencontainers/image-spec/blob/main/image-layout.md>. Reading follows no symbolic link
/// below the root; writing is by rename of what was verified and is on the disk.
struct LayoutDirectory: Sendable {
    /// The longest index that is read: a store of many thousand names has one of several MiB.
    private static let indexLimit = 64 << 20
    static let version = Array(#"{"imageLayoutVersion":"1.0.0"}"#.utf8)

    let root: Path
    /// Where files are written before they get their name; on the same file system as `root`.
    let temporaries: TemporaryArea
    /// Held while `index.json` is changed.
    let indexLock: Path
    private let memory = IndexMemory()

    init(root: Path, temporaries: TemporaryArea, indexLock: Path) {
        self.root = root
        self.temporaries = temporaries
        self.indexLock = indexLock
    }

    var indexPath: Path { root / "index.json" }
    var versionPath: Path { root / "oci-layout" }

    func blobPath(_ digest: Digest) -> Path {
        root / "blobs" / Path(digest.algorithm.rawValue) / Path(digest.hex)
    }

    /// Makes what is missing of an empty layout.
    func create(mode: UInt32) throws {
        for directory in [root, root / "blobs", root / "blobs/sha256"] {
            try FileSystem.makeDirectories(directory, mode: mode)
        }
        if !FileSystem.exists(versionPath) {
            // Never in the place of another's, which may hold the lock of the index by it.
            do { try write(Self.version, to: versionPath, replacing: false) } catch let error as SystemError {
                guard error.errno == .exists else { throw error }
            }
        }
    }

    /// Throws unless this is a layout of a version that is understood.
    func checkVersion() throws {
        struct Version: Decodable { var imageLayoutVersion: String }
        let found: Version
        do {
            let bytes = try FileSystem.readFile(versionPath, limit: 4096)
            if bytes == Self.version { return }
            found = try CanonicalJSON.decode(Version.self, from: bytes)
        } catch {
            throw ContentError(
                .layoutInvalid, root.description, "not an OCI image layout: its oci-layout file is unusable (\(error))")
        }
        guard found.imageLayoutVersion.hasPrefix("1.") else {
            throw ContentError(
                .layoutInvalid, root.description,
                "an image layout of version \(found.imageLayoutVersion); only 1.x is understood")
        }
    }

    /// Whether a file of the blob's name and size is here. One of another size is a torn copy by some other tool.
    func contains(_ blob: Descriptor) throws -> Bool {
        guard let status = try FileSystem.statusIfPresent(blobPath(blob.digest)) else { return false }
        return status.type == .regular && status.size == blob.size
    }

    /// Whether the blob is here, and is these bytes.
    func holds(_ bytes: [UInt8], as blob: Descriptor) throws -> Bool {
        guard try contains(blob) else { return false }
        return (try? FileSystem.readFile(blobPath(blob.digest), limit: bytes.count)) == bytes
    }

    /// The blob's file, if there is one of the right size.
    func file(of blob: Descriptor) throws -> BlobFile? {
        try contains(blob) ? BlobFile(path: blobPath(blob.digest), offset: 0, size: blob.size) : nil
    }

    /// Reads and verifies a blob on the calling thread.
    func read(_ blob: Descriptor, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        let path = blobPath(blob.digest)
        let descriptor: OwnedDescriptor
        do throws(SystemError) {
            descriptor = try OwnedDescriptor.open(path, O_RDONLY | O_NONBLOCK | CLINUX_O_NOFOLLOW)
        } catch {
            switch error.errno {
            case .noEntry, .notDirectory:
                throw ContentError(.blobMissing, blob.digest.description, "is not in \(root)")
            case .loop:
                throw ContentError(.storeUnsafe, path.description, "is a symbolic link where a blob is expected")
            default: throw error
            }
        }
        guard try descriptor.status().type == .regular else {
            throw ContentError(.storeUnsafe, path.description, "is not a regular file, where a blob is expected")
        }
        try BlobFile.read(descriptor, offset: 0, blob, place: path, body)
    }

    /// What a manifest or index of this layout names.
    func children(of node: Descriptor) throws -> [Descriptor] {
        guard node.size <= Int64(CanonicalJSON.defaultLimit) else {
            throw ContentError(.documentTooLarge, node.digest.description, "too long for a manifest")
        }
        var bytes: [UInt8] = []
        try read(node) { bytes.append(contentsOf: $0) }
        if node.mediaType.isIndex { return try Document.index(bytes, node).manifests }
        let manifest = try Document.manifest(bytes, node)
        return [manifest.config] + manifest.layers
    }

    /// The root document. One that is missing is an empty one.
    func index() throws -> ImageIndex {
        guard let status = try FileSystem.statusIfPresent(indexPath) else { return ImageIndex(manifests: []) }
        return try memory.index(status) {
            let bytes = try FileSystem.readFile(indexPath, limit: Self.indexLimit)
            do {
                return try CanonicalJSON.decode(ImageIndex.self, from: bytes, limit: Self.indexLimit)
            } catch {
                throw ContentError(.layoutInvalid, indexPath.description, "not an image index (\(error))")
            }
        }
    }

    /// Changes the root document while no other process does.
    func updateIndex(_ change: (inout ImageIndex) throws -> Void) throws {
        let lock = try FileLock(indexLock)
        defer { withExtendedLifetime(lock) {} }
        var index = try index()
        let before = index
        index.mediaType = .ociIndex
        try change(&index)
        if index != before || !FileSystem.exists(indexPath) {
            try write(try CanonicalJSON.encode(index), to: indexPath)
        }
    }

    private func write(_ bytes: [UInt8], to path: Path, replacing: Bool = true) throws {
        let file = try temporaries.makeFile()
        try file.write(bytes)
        try file.moveFile(to: path, replacing: replacing)
    }
}
