import Codecs
import OCISpec

/// Holds a stream of bytes against the descriptor they are said to have.
struct BlobVerifier: ~Copyable {
    private let expected: Descriptor
    private var hasher = SHA256Hasher()
    private(set) var count: Int64 = 0

    init(_ expected: Descriptor) {
        self.expected = expected
    }

    mutating func update(_ piece: UnsafeRawBufferPointer) {
        hasher.update(piece)
        count += Int64(piece.count)
    }

    /// Throws unless the bytes so far are exactly the blob. `place` and `remedy` complete the message.
    consuming func finish(place: String, remedy: String) throws(ContentError) {
        guard expected.digest.algorithm == .sha256 else {
            throw ContentError(
                .digestUnsupported, expected.digest.description, "only sha256 content can be verified here")
        }
        guard count == expected.size else {
            throw ContentError(
                .sizeMismatch, expected.digest.description,
                "\(place) holds \(count) bytes where \(expected.size) are expected; \(remedy)")
        }
        let found = hasher.finalize()
        guard found == expected.digest else {
            throw ContentError(
                .digestMismatch, expected.digest.description,
                "the content of \(place) is \(found); \(remedy)")
        }
    }
}
