import CZlib

/// Streams in the format of RFC 1950, as git keeps its objects.
package enum ZlibStream {
    /// What the first `limit` bytes, or fewer, of a stream's content are; nil where `bytes` do not begin a stream. The
    /// check at the stream's end is not made, for it may not be there.
    package static func beginning(of bytes: UnsafeRawBufferPointer, limit: Int) -> [UInt8]? {
        guard let base = bytes.baseAddress, bytes.count >= 2, limit > 0 else { return nil }
        var stream = z_stream()
        guard inflateInit_(&stream, ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size)) == Z_OK else { return nil }
        defer { inflateEnd(&stream) }
        // zlib does not write to its input, but says so only where it was built with ZLIB_CONST.
        stream.next_in = UnsafeMutablePointer(mutating: base.assumingMemoryBound(to: UInt8.self))
        stream.avail_in = UInt32(clamping: bytes.count)
        var status = Z_OK
        let content = [UInt8](unsafeUninitializedCapacity: limit) { buffer, filled in
            stream.next_out = buffer.baseAddress
            stream.avail_out = UInt32(clamping: buffer.count)
            while status == Z_OK, stream.avail_in > 0, stream.avail_out > 0 {
                status = inflate(&stream, Z_NO_FLUSH)
            }
            filled = buffer.count - Int(stream.avail_out)
        }
        return status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR ? content : nil
    }
}
