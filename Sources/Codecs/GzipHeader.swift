import CDeflate

/// Reads past the header of a gzip member (RFC 1952, section 2.3).
///
/// ISA-L 2.30 loses its place when optional header fields arrive in more than one buffer, so it is given only what
/// follows the header. None of the fields says anything about the content; the optional header CRC is checked.
struct GzipHeader {
    private let input: CompressedInput
    private var checksum: UInt32 = 0

    /// Consumes the header at the start of `input`, whose two mark bytes the caller has seen.
    static func skip(_ input: CompressedInput) throws {
        var header = GzipHeader(input: input)
        try header.parse()
    }

    private init(input: CompressedInput) {
        self.input = input
    }

    private mutating func parse() throws {
        _ = try next()
        _ = try next()
        guard try next() == 8 else {
            throw CodecError(.corrupt, at: input.offset - 1, "a gzip member is compressed by an unknown method")
        }
        let flags = try next()
        guard flags & 0xE0 == 0 else {
            throw CodecError(.corrupt, at: input.offset - 1, "a gzip member's header has reserved flags set")
        }
        for _ in 0..<6 { _ = try next() }
        if flags & 0x04 != 0 {
            let low = try next()
            let length = Int(low) | Int(try next()) << 8
            for _ in 0..<length { _ = try next() }
        }
        if flags & 0x08 != 0 { while try next() != 0 {} }
        if flags & 0x10 != 0 { while try next() != 0 {} }
        if flags & 0x02 != 0 {
            let expected = UInt16(truncatingIfNeeded: checksum)
            let low = try next()
            let stated = UInt16(low) | UInt16(try next()) << 8
            guard stated == expected else {
                throw CodecError(.checksum, at: input.offset, "a gzip member's header differs from its checksum")
            }
        }
    }

    private mutating func next() throws -> UInt8 {
        guard try input.fill(atLeast: 1) else {
            throw CodecError(.truncated, at: input.offset, "the gzip stream ends within a header: it was cut short")
        }
        let byte = input.available[0]
        checksum = libdeflate_crc32(checksum, input.available.baseAddress, 1)
        input.consume(1)
        return byte
    }
}
