import Codecs
import LinuxSystem
import OCISpec
import Synchronization

/// A blob on its way into a store. Nothing of it is visible before ``commit(mediaType:expecting:)``; an ingest that
/// goes without a commit leaves nothing.
///
/// For one writer at a time, on a thread that may block.
package final class BlobIngest: ByteWriter, Sendable {
    private struct State: ~Copyable {
        var hasher: SHA256Hasher? = SHA256Hasher()
        var count: Int64 = 0
    }

    private let layout: LayoutDirectory
    private let file: TemporaryItem
    private let state = Mutex(State())

    init(_ layout: LayoutDirectory) throws {
        self.layout = layout
        file = try layout.temporaries.makeFile()
    }

    /// Bytes written so far.
    package var count: Int64 { state.withLock { $0.count } }

    package func write(_ bytes: UnsafeRawBufferPointer) throws {
        try state.withLock { state in
            state.hasher?.update(bytes)
            state.count += Int64(bytes.count)
            try file.write(bytes)
        }
    }

    /// Makes the blob visible, after it is on the disk. With `expecting`, throws (and nothing becomes visible) unless
    /// size and digest are those.
    package func commit(mediaType: MediaType, expecting expected: Descriptor? = nil) throws -> Descriptor {
        let (digest, count) = state.withLock { state in
            (state.hasher.take()?.finalize(), state.count)
        }
        guard let digest else {
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
                    .sizeMismatch, expected.digest.description, "\(count) bytes arrived where \(expected.size) are expected")
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
