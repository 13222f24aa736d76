import Codecs
import Glibc
import LinuxSystem
import OCISpec

/// An image in an archive, and the names it has there.
public struct ArchivedImage: Hashable, Sendable {
    /// The manifest or index.
    public var descriptor: Descriptor
    /// Full references; may be empty.
    public var references: [Reference]

    /// An image of these names.
    public init(descriptor: Descriptor, references: [Reference]) {
        self.descriptor = descriptor
        self.references = references
    }

    /// An image as the index of a layout lists it: with its full name if that is there. A bare tag names nothing by
    /// itself.
    package init(listed entry: Descriptor) {
        let bare = entry.annotations?[AnnotationKey.referenceName].flatMap {
            $0.contains("/") || $0.contains(":") ? $0 : nil
        }
        let names = [entry.annotations?[AnnotationKey.containerdName], bare].compactMap { $0 }
        descriptor = entry.unlisted
        references = names.lazy.compactMap { try? Reference(parsing: $0).withDefaultTag() }.first.map { [$0] } ?? []
    }
}

extension Descriptor {
    /// The descriptor without what belongs to its place in an index, such as its names there.
    var unlisted: Descriptor {
        var result = bare
        result.platform = platform
        result.artifactType = artifactType
        return result
    }
}

/// A tar archive of images, as `docker save`, `podman save` and other tools write: Docker's format with
/// `manifest.json`, an OCI image layout, or both in one.
///
/// Blobs are read in place; only a compressed archive is unpacked, to one temporary file.
public final class ImageArchive: BlobSource {
    /// The images, in the order of the archive.
    public let images: [ArchivedImage]
    private let blobs: [Digest: BlobFile]
    /// Manifests that Docker's format lacks and that were made from what it says.
    private let documents: MemoryStore
    /// Keeps a temporary copy of the archive as long as it may be read.
    private let spool: TemporaryDirectory?

    /// Opens the archive in a file. Files are recognised by content, compressed ones too. What comes from a pipe, such
    /// as `/dev/stdin`, is kept in a temporary file.
    public static func open(file: String) async throws -> ImageArchive {
        try await open(Path(file))
    }

    /// Opens the archive in a file. Files are recognised by content, compressed ones too.
    package static func open(_ path: Path) async throws -> ImageArchive {
        try await BlockingPool.shared.run {
            guard try FileSystem.status(path, following: true).type == .regular else {
                // A pipe, such as /dev/stdin.
                let stream = StreamReader(try OwnedDescriptor.open(path, O_RDONLY))
                return try spooled(try DecompressingReader(sniffing: stream), name: path)
            }
            let head = try FileByteReader(path, offset: 0, length: 512).readAll(limit: 512)
            guard let encoding = try BlobEncoding.sniff(head), encoding != .none else {
                return try ImageArchive(path, spool: nil, name: path)
            }
            let reader = try DecompressingReader(try FileByteReader(path), encoding: encoding)
            return try spooled(reader, name: path)
        }
    }

    private static func spooled(_ reader: any ByteReader, name: Path) throws -> ImageArchive {
        let spool = try TemporaryDirectory()
        let copy = spool.path / "archive.tar"
        try reader.copyAll(to: try FileByteWriter(copy, mode: 0o600))
        return try ImageArchive(copy, spool: spool, name: name)
    }

    /// `name` is what messages call the archive.
    private init(_ path: Path, spool: TemporaryDirectory?, name: Path) throws {
        var reading: ArchiveContents
        do {
            reading = ArchiveContents(path: path, index: try TarIndex(of: path), name: name)
        } catch let error as ContentError {
            throw ContentError(error.code, name.description, "at \(error)")
        }
        images = try reading.readImages()
        blobs = reading.blobs
        documents = reading.documents
        self.spool = spool
    }

    /// The image of that name, or the only one if `reference` is `nil`.
    public func image(named reference: Reference?) throws -> ArchivedImage {
        let found =
            reference.map { wanted in
                let wanted = wanted.withDefaultTag()
                return images.filter { image in
                    image.references.contains(wanted) || wanted.digest == image.descriptor.digest
                }
            } ?? images
        let names = images.flatMap(\.references).map(\.familiar).joined(separator: ", ")
        guard let first = found.first else {
            throw ContentError(
                .imageMissing, reference?.familiar ?? "image", "is not in the archive, which holds \(names)")
        }
        guard Set(found.map(\.descriptor.digest)).count == 1 else {
            throw ContentError(.imageAmbiguous, "archive", "holds several images: \(names)")
        }
        return first
    }

    /// As `BlobSource` says.
    public func contains(_ blob: Descriptor) async throws -> Bool {
        if blobs[blob.digest]?.size == blob.size { return true }
        return try await documents.contains(blob)
    }

    /// As `BlobSource` says.
    public func file(of blob: Descriptor) async throws -> BlobFile? {
        blobs[blob.digest].flatMap { $0.size == blob.size ? $0 : nil }
    }

    /// As `BlobSource` says.
    public func stream(
        _ blob: Descriptor, _ body: @escaping @Sendable (UnsafeRawBufferPointer) throws -> Void
    ) async throws {
        guard let file = blobs[blob.digest] else { return try await documents.stream(blob, body) }
        try await CancellableWork.run { check in
            guard file.size == blob.size else {
                throw ContentError(
                    .sizeMismatch, blob.digest.description,
                    "\(file.size) bytes in the archive where \(blob.size) are expected; make the archive again")
            }
            let descriptor = try OwnedDescriptor.open(file.path, O_RDONLY)
            try BlobFile.read(
                descriptor, offset: file.offset, blob, place: file.path, remedy: "make the archive again"
            ) { piece in
                try check()
                try body(piece)
            }
        }
    }
}

/// Reads what cannot be read twice.
private final class StreamReader: ByteReader {
    private let descriptor: OwnedDescriptor

    init(_ descriptor: consuming OwnedDescriptor) {
        self.descriptor = descriptor
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        try descriptor.read(into: buffer)
    }
}
