import CZstd

/// Decompresses zstd frames one after another (RFC 8878) by libzstd, skippable frames among them.
final class ZstdDecoder {
    /// The largest window a frame may ask for, as a power of two: 128 MiB, the limit of the zstd command too.
    private static let windowLogLimit: CInt = 27

    private let input: CompressedInput
    private let context: OpaquePointer
    private var isInFrame = false
    private var frames = 0

    init(_ input: CompressedInput) throws(CodecError) {
        guard let context = ZSTD_createDCtx() else {
            throw CodecError(.library, "libzstd could not allocate a decompressor: out of memory")
        }
        ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Self.windowLogLimit)
        self.input = input
        self.context = context
    }

    deinit {
        ZSTD_freeDCtx(context)
    }

    /// Decompresses the next bytes into `output`, which is not empty; 0 at the end.
    func read(into output: UnsafeMutableRawBufferPointer) throws -> Int {
        while true {
            if !isInFrame {
                guard try startFrame() else { return 0 }
            }
            let length = try decompress(into: output)
            if length > 0 { return length }
        }
    }

    /// False at the end of the stream.
    private func startFrame() throws -> Bool {
        guard try input.fill(atLeast: 1) else {
            guard frames > 0 else { throw CodecError(.truncated, at: 0, "the zstd stream is empty") }
            return false
        }
        guard try input.fill(atLeast: 4) else {
            throw CodecError(
                frames > 0 ? .trailingBytes : .truncated, at: input.offset,
                "\(input.available.count) bytes at the end of the zstd stream are no frame")
        }
        // libzstd may be built to read the formats of before 1.0 as well, whose decoders nobody maintains.
        let magic = input.available[..<4]
        guard magic.elementsEqual([0x28, 0xB5, 0x2F, 0xFD]) || BlobEncoding.isSkippableFrame(magic) else {
            throw CodecError(
                frames > 0 ? .trailingBytes : .mislabelled, at: input.offset,
                frames > 0
                    ? "bytes that are no zstd frame follow the last zstd frame"
                    : "the stream is labelled zstd but does not start with a zstd frame")
        }
        isInFrame = true
        frames += 1
        return true
    }

    /// Runs the decoder once; 0 where it took input or ended the frame without giving output.
    private func decompress(into output: UnsafeMutableRawBufferPointer) throws -> Int {
        let hasInput = try input.fill(atLeast: 1)
        let available = input.available
        var source = ZSTD_inBuffer(src: available.baseAddress, size: available.count, pos: 0)
        var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
        let status = ZSTD_decompressStream(context, &target, &source)
        input.consume(source.pos)
        guard ZSTD_isError(status) == 0 else { throw failure(status) }
        if status == 0 {
            isInFrame = false
        } else if target.pos == 0, !hasInput {
            throw CodecError(.truncated, at: input.offset, "the zstd stream ends within a frame: it was cut short")
        }
        return target.pos
    }

    private func failure(_ status: Int) -> CodecError {
        let offset = input.offset
        return switch ZSTD_getErrorCode(status) {
        case ZSTD_error_checksum_wrong:
            CodecError(.checksum, at: offset, "a zstd frame's checksum differs from what it decompresses to")
        case ZSTD_error_frameParameter_windowTooLarge:
            CodecError(
                .unsupported, at: offset,
                "a zstd frame needs a window of more than \(1 << (Self.windowLogLimit - 20)) MiB to be read")
        case ZSTD_error_memory_allocation:
            CodecError(.library, at: offset, "libzstd is out of memory")
        default:
            CodecError(
                .corrupt, at: offset,
                "the zstd stream is damaged: \(String(cString: ZSTD_getErrorName(status)).lowercased())")
        }
    }
}
