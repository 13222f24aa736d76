import Codecs
import OCISpec

/// A finished layer.
package struct LayerResult: Sendable {
    /// The blob as it was written.
    package var descriptor: Descriptor
    /// The digest of the uncompressed tar.
    package var diffID: Digest
    /// What the layer contains.
    package var contents: TableOfContents
    /// The length of the uncompressed tar in bytes.
    package var uncompressedSize: Int64
    /// Where in the blob pieces are that another layer may share.
    package var pieces: [WrittenPiece]

    package init(
        descriptor: Descriptor, diffID: Digest, contents: TableOfContents, uncompressedSize: Int64,
        pieces: [WrittenPiece] = []
    ) {
        self.descriptor = descriptor
        self.diffID = diffID
        self.contents = contents
        self.uncompressedSize = uncompressedSize
        self.pieces = pieces
    }
}
