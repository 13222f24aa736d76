import LinuxSystem
import OCISpec

/// A place that blobs can be read from.
public protocol BlobSource: Sendable {
    /// Whether the blob is here, judged without reading it.
    func contains(_ blob: Descriptor) async throws -> Bool

    /// Hands the bytes of the blob to `body`, piece by piece and in order, on a thread that may block.
    ///
    /// Size and digest are verified along the way; if they differ from the descriptor this throws *after* the last
    /// piece, so nothing that `body` did may be made visible before `stream` returns.
    func stream(_ blob: Descriptor, _ body: @escaping @Sendable (UnsafeRawBufferPointer) throws -> Void) async throws

    /// Where the blob lies on this machine as a plain byte range that stays readable, or `nil` if it does not.
    ///
    /// The range is not verified; a reader that may not trust the place verifies what it reads.
    func file(of blob: Descriptor) async throws -> BlobFile?
}

extension BlobSource {
    /// Most places have no file to offer.
    public func file(of blob: Descriptor) async throws -> BlobFile? { nil }
}

/// A blob as a range of a file.
public struct BlobFile: Hashable, Sendable {
    /// The file.
    package let path: Path
    /// Where the blob begins, in bytes.
    public let offset: Int64
    /// How long it is, in bytes.
    public let size: Int64

    /// The range of `size` bytes at `offset`.
    package init(path: Path, offset: Int64, size: Int64) {
        self.path = path
        self.offset = offset
        self.size = size
    }

    /// The file, for a message or another program; bytes that are no UTF-8 are shown escaped.
    public var location: String { path.description }

    /// A reader of the range; each call makes one of its own.
    package func reader() throws -> any ByteReader {
        try FileByteReader(path, offset: offset, length: size)
    }
}
