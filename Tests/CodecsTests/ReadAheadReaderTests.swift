import Codecs
import LinuxSystem
import OCISpec
import Testing

@Suite("Reading ahead")
struct ReadAheadReaderTests {
    private static let piece = 256 << 10

    @Test(
        "the bytes and their digest are those of the stream", arguments: [true, false],
        [0, 1, 5000, piece - 1, piece, piece + 1, 3 * piece, 20 * piece + 77])
    func bytes(threaded: Bool, count: Int) throws {
        let bytes = Sample.bytes(count)
        for (sourceStep, step) in [(Int.max, 1 << 16), (70_001, 300_007), (1 << 20, 1 << 20)] {
            let reader = ReadAheadReader(DrippingReader(bytes, step: sourceStep), threaded: threaded)
            let read = try Sample.drained(reader, step: step)
            let isSame = read == bytes
            #expect(isSame)
            #expect(try reader.finish() == Digest.sha256(of: bytes))
        }
    }

    @Test("the digest is of the whole stream, however little was read", arguments: [true, false], [0, 1, 400_000])
    func rest(threaded: Bool, taken: Int) throws {
        let bytes = Sample.bytes(3 << 20)
        let reader = ReadAheadReader(BytesReader(bytes), threaded: threaded)
        var buffer = [UInt8](repeating: 0, count: max(1, taken))
        if taken > 0 { _ = try buffer.withUnsafeMutableBytes { try reader.readFully(into: $0) } }
        #expect(try reader.finish() == Digest.sha256(of: bytes))
        #expect(try buffer.withUnsafeMutableBytes { try reader.read(into: $0) } == 0)
    }

    @Test("a failure shows after all bytes before it", arguments: [true, false], [0, 1000, piece, 9 * piece + 5])
    func failure(threaded: Bool, count: Int) throws {
        let bytes = Sample.bytes(count)
        let reader = ReadAheadReader(FailingReader(bytes), threaded: threaded)
        var read: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let error = #expect(throws: CodecError.self) {
            while true {
                let length = try buffer.withUnsafeMutableBytes { try reader.read(into: $0) }
                read += buffer[..<length]
            }
        }
        #expect(error?.code == .checksum)
        let isSame = read == bytes
        #expect(isSame)
        #expect(throws: CodecError.self) { try reader.finish() }
    }

    @Test("one who stops early leaves nobody reading")
    func abandoned() throws {
        let source = CountingReader()
        do {
            let reader = ReadAheadReader(source, threaded: true)
            var buffer = [UInt8](repeating: 0, count: 1 << 20)
            _ = try buffer.withUnsafeMutableBytes { try reader.readFully(into: $0) }
        }
        let count = source.count
        #expect(count >= 4)
        #expect(count <= 4 + 8 + 1)
    }
}

/// Gives its bytes, then fails.
private final class FailingReader: ByteReader {
    private let bytes: BytesReader

    init(_ bytes: [UInt8]) { self.bytes = BytesReader(bytes) }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let count = try bytes.read(into: buffer)
        if count == 0 { throw CodecError(.checksum, at: 0, "made to fail") }
        return count
    }
}

/// Never ends, and counts the pieces that it gave.
private final class CountingReader: ByteReader {
    private(set) var count = 0

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        count += 1
        return buffer.count
    }
}
