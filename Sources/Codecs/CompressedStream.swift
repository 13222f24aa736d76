import OCISpec

/// A stream that was compressed: what went in and what was written.
package struct CompressedStream: Hashable, Sendable {
    /// The SHA-256 of what went in: of a layer, its DiffID.
    package let contentDigest: Digest
    /// Bytes that went in.
    package let contentSize: Int64
    /// The SHA-256 of what was written: of a layer, its blob's.
    package let digest: Digest
    /// Bytes that were written.
    package let size: Int64
    /// The pieces that may be used again, where there is a ``PieceMemory``.
    package let pieces: [WrittenPiece]
}
