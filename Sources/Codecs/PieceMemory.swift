import CDeflate
import CLinux
import CZlib
import LinuxSystem

/// Pieces that were compressed before, in blobs that are still at hand. Compressing is what a layer costs; of a layer in
/// which little changed most pieces are copied.
package protocol PieceMemory: Sendable {
    /// Reads what a piece of this key became to the start of `output`, and returns its length; 0 where nothing is known.
    /// May be wrong: it is decompressed and compared before it is believed. Called on several threads.
    func read(_ key: PieceKey, into output: UnsafeMutableRawBufferPointer) -> Int
}

/// What a full piece of content is looked for by: two checksums that are many times as fast as a cryptographic hash. That
/// two pieces may share a key costs no more than the comparison.
package struct PieceKey: Hashable, Sendable {
    /// The CRC-32 of RFC 1952.
    package let crc32: UInt32
    /// The Adler-32 of RFC 1950.
    package let adler32: UInt32

    package init(crc32: UInt32, adler32: UInt32) {
        self.crc32 = crc32
        self.adler32 = adler32
    }

    init(of content: UnsafeRawBufferPointer) {
        crc32 = libdeflate_crc32(0, content.baseAddress, content.count)
        adler32 = libdeflate_adler32(1, content.baseAddress, content.count)
    }
}

/// Where a piece is in the blob that was written.
package struct WrittenPiece: Hashable, Sendable {
    /// Of its content.
    package let key: PieceKey
    /// Of its first byte in the blob.
    package let offset: Int64
    /// Its bytes in the blob.
    package let length: Int

    package init(key: PieceKey, offset: Int64, length: Int) {
        self.key = key
        self.offset = offset
        self.length = length
    }
}

extension Compression {
    /// Whether it pays to look for pieces: fast and zstd are about as fast as the decompression that would check them.
    package var reusesPieces: Bool { self == .default || self == .best || self == .zlib }

    /// Names what pieces must have been written by to be used again: the codec, and the very library. Nil where there are
    /// none, or the library cannot be told.
    package var reusableIdentity: String? {
        let function: UnsafeRawPointer
        switch self {
        case .default, .best:
            typealias Function = @convention(c) (UInt32, UnsafeRawPointer?, Int) -> UInt32
            function = unsafeBitCast(libdeflate_crc32 as Function, to: UnsafeRawPointer.self)
        case .zlib:
            typealias Function = @convention(c) () -> UnsafePointer<CChar>?
            function = unsafeBitCast(zlibVersion as Function, to: UnsafeRawPointer.self)
        case .none, .fast, .zstd: return nil
        }
        guard let library = clinux_library_of(function),
            let status = try? FileSystem.status(Path(String(cString: library)), following: true)
        else { return nil }
        return "\(identity) \(status.size) \(status.modified.seconds)"
    }
}
