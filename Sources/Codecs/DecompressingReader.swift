import LinuxSystem

/// The decompressed bytes of a layer blob, with memory bounded whatever the blob holds.
///
/// Truncation, damage, a wrong checksum and bytes after the end are errors (``CodecError``), never a short stream; when
/// `read` returns 0 the source was read to its end.
package final class DecompressingReader: ByteReader {
    private enum Decoder {
        case none(CompressedInput)
        case gzip(GzipDecoder)
        case zstd(ZstdDecoder)
    }

    private let decoder: Decoder
    private let input: CompressedInput
    /// What the source holds.
    package let encoding: BlobEncoding

    /// Decompresses `source` as `encoding`.
    package convenience init(_ source: any ByteReader, encoding: BlobEncoding) throws {
        try self.init(CompressedInput(source), encoding)
    }

    /// Decompresses `source` as what its first bytes show it to be.
    ///
    /// - Throws: ``CodecError`` where they are neither gzip, zstd nor a tar; what `source` throws.
    package convenience init(sniffing source: any ByteReader) throws {
        let input = CompressedInput(source)
        _ = try input.fill(atLeast: 512)
        guard let encoding = try BlobEncoding.sniff(Array(input.available.prefix(512))) else {
            throw CodecError(.unsupported, at: 0, "the blob is neither gzip, zstd nor a tar archive")
        }
        try self.init(input, encoding)
    }

    private init(_ input: CompressedInput, _ encoding: BlobEncoding) throws {
        self.input = input
        self.encoding = encoding
        decoder =
            switch encoding {
            case .none: .none(input)
            case .gzip: .gzip(GzipDecoder(input))
            case .zstd: .zstd(try ZstdDecoder(input))
            }
    }

    /// Bytes of the source consumed so far, for progress and for quotas on the ratio.
    package var compressedOffset: Int64 { input.offset }

    package func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        guard buffer.count > 0 else { return 0 }
        switch decoder {
        case .gzip(let decoder): return try decoder.read(into: buffer)
        case .zstd(let decoder): return try decoder.read(into: buffer)
        case .none(let input):
            guard try input.fill(atLeast: 1) else { return 0 }
            let length = min(buffer.count, input.available.count)
            buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: input.available[..<length]))
            input.consume(length)
            return length
        }
    }
}
