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
    private var hasher: SHA256Hasher?
    private let arrival: BlobArrival?
    /// Bytes written so far.
    package private(set) var count: Int64 = 0
    /// Those of them that the disk was told of.
    private var onItsWay: Int64 = 0

    private static let writebackStep: Int64 = 8 << 20

    /// - Parameters:
    ///   - isHashedByWriter: true where ``commit(_:)`` will be told the digest by who took it of these bytes.
    ///   - arrival: told of every piece, for somebody who reads the blob while it comes.
    init(_ layout: LayoutDirectory, isHashedByWriter: Bool = false, arrival: BlobArrival? = nil) throws {
        self.layout = layout
        self.arrival = arrival
        hasher = isHashedByWriter ? nil : SHA256Hasher()
        file = try layout.temporaries.makeFile()
        try arrival?.begin(at: file.path)
    }

    package func write(_ bytes: UnsafeRawBufferPointer) throws {
        try file.write(bytes)
        count += Int64(bytes.count)
        arrival?.advance(to: count)
        hasher?.update(bytes)
        if count - onItsWay >= Self.writebackStep {
            file.startWriteback(from: onItsWay, length: count - onItsWay)
            onItsWay = count
        }
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

    /// Makes a blob visible whose writer took its digest on the way here: see ``LocalStore/beginHashedBlob()``.
    package func commit(_ blob: Descriptor) throws {
        guard count == blob.size else {
            throw ContentError(
                .sizeMismatch, blob.digest.description, "\(count) bytes were written where \(blob.size) are expected")
        }
        try file.moveFile(to: layout.blobPath(blob.digest))
    }
}
