import OCISpec

/// How layer blobs are compressed when they are written.
///
/// Every choice gives the same bytes for the same input whatever the machine's number of processors. ISA-L's higher
/// levels are not offered, because they choose other matches on other CPU generations.
public enum Compression: String, Sendable, CaseIterable, Codable {
    /// The tar as it is.
    case none
    /// gzip by ISA-L level 1: several times as fast as the default, a few percent larger.
    case fast
    /// gzip by libdeflate at the level that the content is worth, 1, 5 or 6 (``PieceKind``): smaller than `gzip -6`, but for
    /// source text that is a percent larger, in half of its time or less.
    case `default`
    /// gzip by libdeflate level 12, for images that are pulled far more often than built.
    case best
    /// gzip by zlib level 6, the reference implementation: at the speed of `gzip -6`, for those whose policy names the
    /// program that writes the bytes.
    case zlib
    /// zstd level 3.
    case zstd

    /// The media type of a layer written this way.
    public var mediaType: MediaType {
        switch self {
        case .none: .ociLayer
        case .fast, .default, .best, .zlib: .ociLayerGzip
        case .zstd: .ociLayerZstd
        }
    }

    /// The encoding that readers of the blob find.
    package var encoding: BlobEncoding {
        switch self {
        case .none: .none
        case .fast, .default, .best, .zlib: .gzip
        case .zstd: .zstd
        }
    }

    /// Bytes of input in one gzip member or zstd frame.
    ///
    /// Measured on 200 MB of binaries and Python: 1 MiB makes gzip 0.2 % larger than one member would be; zstd, whose
    /// window is 2 MiB at this level, 3 % with pieces of 1 MiB and 1.5 % with 2.
    package var pieceSize: Int {
        self == .zstd ? 2 << 20 : 1 << 20
    }

    /// Whether pieces that would not get smaller are stored as they are, as ``PieceProbe`` tells.
    ///
    /// Not where zlib's own bytes are wanted; zstd sees by itself, and quickly, what does not compress; for ``fast`` there
    /// is a closer look (``ISALDeflater``).
    var storesNoise: Bool {
        switch self {
        case .default, .best: true
        case .none, .fast, .zlib, .zstd: false
        }
    }

    /// With so many threads the digest of the content, which one thread takes at a time, is what all wait for; or they
    /// are as many as their memory allows: level 12 takes 9 MiB for each, zstd twice the pieces.
    var usefulThreads: Int {
        switch self {
        case .none: 3
        case .fast: 8
        case .default, .zlib: 24
        case .best, .zstd: 10
        }
    }

    /// Names everything besides the content that the blob's bytes depend on: codec, level and piece size.
    /// Part of a step's record; changes whenever this module would write other bytes.
    public var identity: String {
        let piece = "\(pieceSize >> 10)k"
        return switch self {
        case .none: "tar"
        case .fast: "gzip+isal-1+stored-64k/\(piece)"
        case .default: "gzip+libdeflate-5+dense-1+text-6+stored/\(piece)"
        case .best: "gzip+libdeflate-12+stored/\(piece)"
        case .zlib: "gzip+zlib-6/\(piece)"
        case .zstd: "zstd-3/\(piece)"
        }
    }
}
