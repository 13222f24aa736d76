import CISAL
import Glibc

/// Raw deflate data (RFC 1951) by ISA-L's level 1, with what is noise stored as it is. For one thread.
///
/// Compressed files rarely fill pieces: pictures, archives and compressed manuals lie between others. ISA-L takes as long
/// for them as for the rest and gains nothing, so a piece is cut into segments, and those that are noise are copied. Of
/// 1 GiB of /usr that is a tenth, in 5 % less of its time, and 0.3 % more bytes.
final class ISALDeflater {
    /// ISAL_DEF_LVL1_LARGE, whose macro does not import: room for the tokens of one deflate block. Twice as much gave
    /// larger output, as the Huffman tables then follow the data less closely.
    private static let levelBufferSize = levelStateSize + 4 * 64 * 1024
    /// ISA-L's tables. The tokens after them are read only where they were written, so nobody need clear their memory.
    private static let levelStateSize = 4 * 1024 + 2 * 8 * 1024

    private let stream: ISALStream
    private let levelBuffer = UnsafeMutablePointer<UInt8>.allocate(capacity: levelBufferSize)

    init() throws(CodecError) { stream = try ISALStream() }

    deinit { levelBuffer.deallocate() }

    /// Compresses `input` to the start of `output`, which has room for a 64th and 4 KiB more.
    /// - Returns: the size of the raw deflate data, 0 where it did not fit.
    func deflate(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> Int {
        var (start, size) = (0, 0)
        var next = Self.isNoise(input, at: 0)
        repeat {
            let isNoise = next
            var end = start
            repeat {
                end = min(end + PieceProbe.segmentSize, input.count)
                next = Self.isNoise(input, at: end)
            } while end < input.count && next == isNoise
            let run = UnsafeRawBufferPointer(rebasing: input[start..<end])
            let room = UnsafeMutableRawBufferPointer(rebasing: output[size...])
            let isLast = end == input.count
            let length = isNoise ? StoredBlocks.write(run, to: room, isLast: isLast) : compress(run, room, isLast)
            guard length > 0 else { return 0 }
            size += length
            start = end
        } while start < input.count
        return size
    }

    private static func isNoise(_ input: UnsafeRawBufferPointer, at start: Int) -> Bool {
        let end = min(start + PieceProbe.segmentSize, input.count)
        return PieceProbe.isNoisySegment(UnsafeRawBufferPointer(rebasing: input[start..<end]))
    }

    /// A run as blocks that know nothing of what was before, ended at a byte's boundary.
    private func compress(
        _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer, _ isLast: Bool
    ) -> Int {
        let stream = stream.pointer
        // The initialiser leaves fields as it finds them, the size of the window among them, and what was in this memory
        // before must not choose the bytes of a layer.
        memset(stream, 0, MemoryLayout<isal_zstream>.size)
        memset(levelBuffer, 0, Self.levelStateSize)
        isal_deflate_stateless_init(stream)
        stream.pointee.level = 1
        stream.pointee.level_buf = levelBuffer
        stream.pointee.level_buf_size = UInt32(Self.levelBufferSize)
        stream.pointee.gzip_flag = 0
        stream.pointee.end_of_stream = isLast ? 1 : 0
        stream.pointee.flush = UInt16(isLast ? NO_FLUSH : FULL_FLUSH)
        // ISA-L does not write through next_in; its declaration merely lacks the const.
        stream.pointee.next_in = UnsafeMutablePointer(
            mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
        stream.pointee.avail_in = UInt32(input.count)
        stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = UInt32(output.count)
        guard isal_deflate_stateless(stream) == COMP_OK else { return 0 }
        return Int(stream.pointee.total_out)
    }
}
