import CISAL

/// Inflates gzip members one after another (RFC 1952) by ISA-L, which checks each member's CRC and length.
///
/// Zero bytes after the last member are allowed, as tapes and some tools pad with them; anything else is not.
final class GzipDecoder {
    private enum Position {
        case betweenMembers
        case inMember
        case inPadding
        case finished
    }

    private let input: CompressedInput
    private let state: UnsafeMutablePointer<inflate_state>
    private var position = Position.betweenMembers
    private var members = 0

    init(_ input: CompressedInput) {
        self.input = input
        state = .allocate(capacity: 1)
    }

    deinit {
        state.deallocate()
    }

    /// Decompresses the next bytes into `output`, which is not empty; 0 at the end.
    func read(into output: UnsafeMutableRawBufferPointer) throws -> Int {
        while true {
            switch position {
            case .finished: return 0
            case .inPadding: try skipPadding()
            case .betweenMembers: try startMember()
            case .inMember:
                let length = try inflate(into: output)
                if length > 0 { return length }
            }
        }
    }

    private func startMember() throws {
        guard try input.fill(atLeast: 1) else {
            guard members > 0 else { throw CodecError(.truncated, at: 0, "the gzip stream is empty") }
            position = .finished
            return
        }
        if members > 0, input.available[0] == 0 {
            position = .inPadding
            return
        }
        let hasMagic = try input.fill(atLeast: 2)
        let head = input.available
        guard head[0] == 0x1F, !hasMagic || head[1] == 0x8B else {
            throw CodecError(
                members > 0 ? .trailingBytes : .mislabelled, at: input.offset,
                members > 0
                    ? "bytes that are neither a gzip member nor zero padding follow the last gzip member"
                    : "the stream is labelled gzip but does not start with the gzip mark 1F 8B")
        }
        if hasMagic { try GzipHeader.skip(input) }
        isal_inflate_init(state)
        state.pointee.crc_flag = UInt32(ISAL_GZIP_NO_HDR_VER)
        position = .inMember
        members += 1
    }

    private func skipPadding() throws {
        guard try input.fill(atLeast: 1) else {
            position = .finished
            return
        }
        let padding = input.available
        if let place = padding.firstIndex(where: { $0 != 0 }) {
            throw CodecError(
                .trailingBytes, at: input.offset + Int64(place),
                "bytes other than zero padding follow the last gzip member")
        }
        input.consume(padding.count)
    }

    /// Runs the decoder once; 0 where it took input or ended the member without giving output.
    private func inflate(into output: UnsafeMutableRawBufferPointer) throws -> Int {
        // Without input there may still be output that did not fit before.
        let hasInput = try input.fill(atLeast: 1)
        let available = input.available
        let room = min(output.count, Int(Int32.max))
        state.pointee.next_in = UnsafeMutablePointer(
            mutating: available.baseAddress?.assumingMemoryBound(to: UInt8.self))
        state.pointee.avail_in = UInt32(available.count)
        state.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        state.pointee.avail_out = UInt32(room)
        let status = isal_inflate(state)
        input.consume(available.count - Int(state.pointee.avail_in))
        guard status >= ISAL_DECOMP_OK else { throw failure(status) }
        let length = room - Int(state.pointee.avail_out)
        if state.pointee.block_state == ISAL_BLOCK_FINISH {
            position = .betweenMembers
        } else if length == 0, !hasInput {
            throw CodecError(.truncated, at: input.offset, "the gzip stream ends within a member: it was cut short")
        }
        return length
    }

    private func failure(_ status: CInt) -> CodecError {
        let offset = input.offset
        return switch status {
        case ISAL_INCORRECT_CHECKSUM:
            CodecError(.checksum, at: offset, "a gzip member's CRC or length differs from what it decompresses to")
        case ISAL_INVALID_LOOKBACK:
            CodecError(.corrupt, at: offset, "the gzip stream refers to data before its start: it is damaged")
        default:
            CodecError(.corrupt, at: offset, "the gzip stream is damaged (ISA-L error \(status))")
        }
    }
}
