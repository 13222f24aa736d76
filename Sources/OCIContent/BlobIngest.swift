import Codecs
import LinuxSystem
import OCISpec

/// A blob on its way into a store. Nothing of it is visible before ``commit(mediaType:expecting:)``; an ingest that
/// goes without a commit leaves nothing.
///
/// For one writer at a time, on a thread that may block.
package final class BlobIngest: ByteWriter, @unchecked Sendable {
    // Unchecked: a transfer hands its pieces over one after another, though perhaps on different threads, and commits
    // when the last one has returned.
    private let layout: LayoutDirectory
    private let file: TemporaryItem
    private var hasher: SHA256Hasher? = SHA256Hasher()
    private let arrival: BlobArrival?
    /// Bytes written so far.
    package private(set) var count: Int64 = 0

    init(_ layout: LayoutDirectory, arrival: BlobArrival? = nil) throws {
        self.layout = layout
        self.arrival = arrival
        file = try layout.temporaries.makeFile()
        try arrival?.begin(at: file.path)
    }

    package func write(_ bytes: UnsafeRawBufferPointer) throws {
        try file.write(bytes)
        count += Int64(bytes.count)
        arrival?.advance(to: count)
        hasher?.update(bytes)
    }

    /// Makes the blob visible, after it is on the disk. With `expecting`, throws (and nothing becomes visible) unless
    /// size and digest are those.
    package func commit(mediaType: MediaType, expecting expected: Descriptor? = nil) throws -> Descriptor {
        guard let digest = hasher.take()?.finalize() else {
            throw ContentError(.blobMissing, file.path.description, "was committed before")
        }
        let descriptor = Descriptor(mediaType: mediaType, digest: digest, size: count)
        if let expected {
            guard expected.digest.algorithm == .sha256 else {
                throw ContentError(
                    .digestUnsupported, expected.digest.description, "only sha256 content can be kept here")
            }
            guard count == expected.size else {
                throw ContentError(
                    .sizeMismatch, expected.digest.description,
                    "\(count) bytes arrived where \(expected.size) are expected")
            }
            guard digest == expected.digest else {
                throw ContentError(
                    .digestMismatch, expected.digest.description, "the bytes that arrived have the digest \(digest)")
            }
        }
        try file.moveFile(to: layout.blobPath(digest))
        return descriptor
    }
}
