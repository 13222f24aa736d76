import CZlib

/// Inflates by zlib, which has no part in reading layers: what it gives back is what every other program gets.
enum ReferenceInflate {
    /// zlib refused the stream.
    struct Refusal: Error {
        let status: CInt
    }

    /// The content of gzip members, one after another and nothing else.
    static func members(_ blob: [UInt8]) throws -> [UInt8] {
        var stream = z_stream()
        // 16 more than the window's size: a gzip header, and no other, is expected.
        try check(inflateInit2_(&stream, MAX_WBITS + 16, ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size)))
        defer { inflateEnd(&stream) }
        var content: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 256 << 10)
        var input = blob
        try input.withUnsafeMutableBufferPointer { input in
            stream.next_in = input.baseAddress
            stream.avail_in = UInt32(input.count)
            while stream.avail_in > 0 {
                let (status, length) = chunk.withUnsafeMutableBufferPointer { chunk in
                    stream.next_out = chunk.baseAddress
                    stream.avail_out = UInt32(chunk.count)
                    return (inflate(&stream, Z_NO_FLUSH), chunk.count - Int(stream.avail_out))
                }
                content += chunk[..<length]
                if status == Z_STREAM_END { try check(inflateReset(&stream)) } else { try check(status) }
            }
        }
        // All of the last member was there: the next one has not begun.
        guard stream.total_in == 0 else { throw Refusal(status: Z_BUF_ERROR) }
        return content
    }

    private static func check(_ status: CInt) throws {
        guard status == Z_OK else { throw Refusal(status: status) }
    }
}
