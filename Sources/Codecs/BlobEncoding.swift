/// What a layer blob's bytes are, whatever its media type says.
package enum BlobEncoding: String, Sendable, Hashable, CaseIterable {
    /// A plain tar.
    case none
    /// One or more gzip members (RFC 1952).
    case gzip
    /// One or more zstd frames (RFC 8878).
    case zstd

    /// Recognises a blob by its first bytes.
    ///
    /// - Parameter head: the first 512 bytes, or the whole blob where it is shorter.
    /// - Returns: the encoding; nil where the bytes are neither compressed nor a tar header.
    /// - Throws: ``CodecError`` naming the format where it is a known one that no layer may use. Decompressors are
    ///   never executed to read it.
    package static func sniff(_ head: [UInt8]) throws(CodecError) -> BlobEncoding? {
        if head.starts(with: [0x1F, 0x8B]) { return .gzip }
        if head.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) || isSkippableFrame(head) { return .zstd }
        if isTar(head) { return BlobEncoding.none }
        for (name, magic) in foreign where head.starts(with: magic) {
            throw CodecError(
                .unsupported, at: 0, "the blob is \(name) compressed; image layers may be plain tar, gzip or zstd")
        }
        return nil
    }

    private static let foreign: [(String, [UInt8])] = [
        ("xz", [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]),
        ("bzip2", [0x42, 0x5A, 0x68]),
        ("lz4", [0x04, 0x22, 0x4D, 0x18]),
        ("lzip", [0x4C, 0x5A, 0x49, 0x50]),
        ("lzma", [0x5D, 0x00, 0x00]),
        ("compress (.Z)", [0x1F, 0x9D]),
    ]

    /// zstd:chunked and eStargz for zstd put their tables of contents in such frames.
    static func isSkippableFrame(_ head: some Collection<UInt8>) -> Bool {
        var bytes = head.makeIterator()
        guard let first = bytes.next(), first & 0xF0 == 0x50 else { return false }
        return bytes.next() == 0x2A && bytes.next() == 0x4D && bytes.next() == 0x18
    }

    /// True for an empty stream, an end-of-archive block, and a header whose checksum holds (the old formats have no
    /// other mark).
    private static func isTar(_ head: [UInt8]) -> Bool {
        if head.isEmpty { return true }
        guard head.count >= 512 else { return false }
        let block = head[..<512]
        if block.allSatisfy({ $0 == 0 }) { return true }
        var stated = 0
        for byte in block[148..<156] {
            if byte == 0x20 && stated == 0 { continue }
            guard (0x30...0x37).contains(byte) else { break }
            stated = stated * 8 + Int(byte - 0x30)
        }
        var unsigned = 8 * 0x20
        var signed = 8 * 0x20
        for index in 0..<512 where !(148..<156).contains(index) {
            unsigned += Int(head[index])
            signed += Int(Int8(bitPattern: head[index]))
        }
        return stated == unsigned || stated == signed
    }
}
