import CDeflate
import Glibc

/// Tells whether remembered bytes are what a piece of content may be written as. For one thread.
final class PieceCheck {
    private let decompressor: OpaquePointer
    private let scratch: UnsafeMutableRawBufferPointer

    /// For pieces of so many bytes.
    init(pieceSize: Int) throws(CodecError) {
        guard let decompressor = libdeflate_alloc_decompressor() else {
            throw CodecError(.library, "libdeflate could not allocate a decompressor: out of memory")
        }
        self.decompressor = decompressor
        scratch = .allocate(byteCount: pieceSize, alignment: 64)
    }

    deinit {
        libdeflate_free_decompressor(decompressor)
        scratch.deallocate()
    }

    /// True for one gzip member with this header, whole and with nothing after it, that holds exactly `content`.
    func isMember(_ bytes: UnsafeRawBufferPointer, of content: UnsafeRawBufferPointer, header: [UInt8]) -> Bool {
        guard content.count == scratch.count, bytes.count > header.count, bytes.starts(with: header) else {
            return false
        }
        var used = 0
        let result = libdeflate_gzip_decompress_ex(
            decompressor, bytes.baseAddress, bytes.count, scratch.baseAddress, scratch.count, &used, nil)
        guard result == LIBDEFLATE_SUCCESS, used == bytes.count, let left = content.baseAddress,
            let right = scratch.baseAddress
        else { return false }
        return memcmp(left, right, content.count) == 0
    }
}
