import LinuxSystem
import OCISpec

/// What must see pieces in their order: the digest of their content, and the writing of their output with its digest.
final class StreamDigests {
    private let content = HashingWriter(nil)
    private let output: any ByteWriter
    /// Nil where the output is the content, which is hashed already.
    private let blob: HashingWriter?
    private var pieces: [WrittenPiece] = []

    init(_ compression: Compression, output: any ByteWriter) {
        self.output = output
        blob = compression == .none ? nil : HashingWriter(output)
    }

    func hash(_ bytes: UnsafeRawBufferPointer) throws { try content.write(bytes) }

    func write(_ piece: PieceBuffer) throws {
        let bytes = piece.compressed
        if let blob, let key = piece.key {
            pieces.append(WrittenPiece(key: key, offset: blob.count, length: bytes.count))
        }
        try (blob ?? output).write(bytes)
    }

    /// What all pieces came to.
    func finish() -> CompressedStream {
        let digest = content.finalize()
        return CompressedStream(
            contentDigest: digest, contentSize: content.count, digest: blob?.finalize() ?? digest,
            size: blob?.count ?? content.count, pieces: pieces)
    }
}
