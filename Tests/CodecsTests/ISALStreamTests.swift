import CISAL
import Glibc
import Testing

@testable import Codecs

@Suite("ISA-L's compressor, whose output depends on where its state lies")
struct ISALStreamTests {
    @Test("states that are in use at once lie apart, each where the slot is the same")
    func places() throws {
        var streams: [ISALStream] = []
        for _ in 0..<20 { streams.append(try ISALStream()) }
        let addresses = Set(streams.map { UInt(bitPattern: $0.pointer) })
        #expect(addresses.count == 20)
        for address in addresses { #expect(ISALStream.slot(of: address) == ISALStream.slot) }
        for stream in streams { memset(stream.pointer, 0xFF, MemoryLayout<isal_zstream>.size) }
        streams = []
        let again = try ISALStream()
        #expect(ISALStream.slot(of: UInt(bitPattern: again.pointer)) == ISALStream.slot)
    }

    /// Text that repeats from its third byte on, and whose first four bytes have this slot.
    private static func text(slot: UInt32) throws -> [UInt8] {
        for number in UInt32(0)..<1 << 24 where ISALStream.slot(of: UInt(number | number << 24) << 16) == slot {
            let period = (0..<3).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
            return (0..<600).map { $0 < 300 ? period[$0 % 3] : UInt8(truncatingIfNeeded: $0 * 7) }
        }
        Issue.record("no text has the slot \(slot)")
        return []
    }

    /// What ISA-L makes of it, as ``PieceCompressor`` calls it, with a state at this place.
    private static func compressed(_ text: [UInt8], _ stream: UnsafeMutablePointer<isal_zstream>) -> [UInt8] {
        memset(stream, 0, MemoryLayout<isal_zstream>.size)
        var level = [UInt8](repeating: 0, count: 512 << 10)
        var input = text
        var output = [UInt8](repeating: 0, count: 4096)
        isal_deflate_stateless_init(stream)
        stream.pointee.level = 1
        stream.pointee.end_of_stream = 1
        return level.withUnsafeMutableBufferPointer { level in
            input.withUnsafeMutableBufferPointer { input in
                output.withUnsafeMutableBufferPointer { output in
                    stream.pointee.level_buf = level.baseAddress
                    stream.pointee.level_buf_size = UInt32(level.count)
                    stream.pointee.next_in = input.baseAddress
                    stream.pointee.avail_in = UInt32(input.count)
                    stream.pointee.next_out = output.baseAddress
                    stream.pointee.avail_out = UInt32(output.count)
                    guard isal_deflate_stateless(stream) == COMP_OK else { return [] }
                    return Array(output[..<Int(stream.pointee.total_out)])
                }
            }
        }
    }

    @Test("the text that the slot is worst for is compressed to the same bytes by all states")
    func worst() throws {
        let text = try Self.text(slot: ISALStream.slot)
        var streams: [ISALStream] = []
        for _ in 0..<8 { streams.append(try ISALStream()) }
        let outputs = Set(streams.map { Self.compressed(text, $0.pointer) })
        #expect(outputs.count == 1)
        #expect(outputs.first?.isEmpty == false)
    }
}
