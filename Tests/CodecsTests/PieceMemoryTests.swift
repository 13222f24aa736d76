import Codecs
import LinuxSystem
import Synchronization
import Testing

@Suite("Pieces that were compressed before")
struct PieceMemoryTests {
    private static let piece = Compression.default.pieceSize

    /// What earlier streams became, and how often it was asked for and known.
    private final class Memory: PieceMemory {
        private let known = Mutex<[PieceKey: [UInt8]]>([:])
        private let found = Atomic(0)
        var hits: Int { found.load(ordering: .relaxed) }

        func note(_ pieces: [WrittenPiece], in blob: [UInt8], changed: (inout [UInt8]) -> Void = { _ in }) {
            known.withLock { known in
                for piece in pieces {
                    var bytes = Array(blob[Int(piece.offset)..<Int(piece.offset) + piece.length])
                    changed(&bytes)
                    known[piece.key] = bytes
                }
            }
        }

        func read(_ key: PieceKey, into output: UnsafeMutableRawBufferPointer) -> Int {
            guard let bytes = known.withLock({ $0[key] }), bytes.count <= output.count else { return 0 }
            found.add(1, ordering: .relaxed)
            output.copyBytes(from: bytes)
            return bytes.count
        }
    }

    private static func compressed(
        _ bytes: [UInt8], _ compression: Compression, _ memory: Memory, threads: Int
    ) throws -> (blob: [UInt8], stream: CompressedStream) {
        let output = BytesWriter()
        let compressor = ParallelCompressor(compression, threads: threads, memory: memory, output: output)
        try bytes.withUnsafeBytes { try compressor.write($0) }
        let stream = try compressor.finish()
        return (output.bytes, stream)
    }

    @Test("are taken over, and change no byte", arguments: [Compression.default, .zlib], [1, 3])
    func reuse(_ compression: Compression, threads: Int) throws {
        var bytes = Sample.bytes(5 * Self.piece) + Sample.noise(Self.piece) + Sample.bytes(1000)
        let memory = Memory()
        let first = try Self.compressed(bytes, compression, memory, threads: threads)
        #expect(memory.hits == 0)
        // Of what was compressed; noise that is stored, and the rest that fills no piece, cost less than to look for them.
        let last = compression == .zlib ? 6 : 5
        #expect(first.stream.pieces.count == last)
        let isAsWithout = try first.blob == Sample.compressed(bytes, compression)
        #expect(isAsWithout)
        memory.note(first.stream.pieces, in: first.blob)
        bytes[2 * Self.piece + 5] ^= 1
        let second = try Self.compressed(bytes, compression, memory, threads: threads)
        #expect(memory.hits == last - 1)
        let isAsAnew = try second.blob == Sample.compressed(bytes, compression)
        #expect(isAsAnew)
        let same = zip(first.stream.pieces, second.stream.pieces).map { $0.key == $1.key }
        #expect(same == (0..<last).map { $0 != 2 })
    }

    enum Lie: CaseIterable {
        case otherContent, cutShort, tooLong, flippedBit, otherHeader, nothing
    }

    @Test("are not believed where they hold anything else", arguments: Lie.allCases)
    func lies(_ lie: Lie) throws {
        let bytes = Sample.bytes(2 * Self.piece)
        let other = try Sample.compressed(Sample.bytes(Self.piece, seed: 9), .default)
        let memory = Memory()
        let first = try Self.compressed(bytes, .default, memory, threads: 1)
        memory.note(first.stream.pieces, in: first.blob) { piece in
            switch lie {
            case .otherContent: piece = other
            case .cutShort: piece.removeLast()
            case .tooLong: piece.append(0)
            case .flippedBit: piece[piece.count / 2] ^= 1
            case .otherHeader: piece[4] = 1
            case .nothing: piece = [0]
            }
        }
        let second = try Self.compressed(bytes, .default, memory, threads: 2)
        #expect(memory.hits == 2)
        let isTheSame = second.blob == first.blob
        #expect(isTheSame)
    }

    @Test("belong to a codec that is slower than to check them")
    func codecs() {
        #expect(Compression.allCases.filter(\.reusesPieces) == [.default, .best, .zlib])
        #expect(Compression.allCases.filter { $0.reusableIdentity != nil } == [.default, .best, .zlib])
        #expect(Compression.default.reusableIdentity?.hasPrefix(Compression.default.identity) == true)
    }
}
