/// The memory of one piece on its way to the output: its content and, after compression, what is written of it.
final class PieceBuffer {
    private let memory: UnsafeMutableRawBufferPointer
    private let output: UnsafeMutableRawBufferPointer?
    private var count = 0
    private var compressedCount = 0
    /// What the piece may be looked for by when its content comes again.
    private(set) var key: PieceKey?

    /// Memory for pieces of `compression`; what is not compressed needs no second buffer.
    init(_ compression: Compression) {
        memory = .allocate(byteCount: compression.pieceSize, alignment: 4096)
        output =
            compression == .none
            ? nil : .allocate(byteCount: PieceCompressor.bound(compression.pieceSize), alignment: 4096)
    }

    deinit {
        memory.deallocate()
        output?.deallocate()
    }

    var isEmpty: Bool { count == 0 }
    var isFull: Bool { count == memory.count }

    /// The bytes taken in.
    var content: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[..<count]) }

    /// What is written of the piece, once it is compressed.
    var compressed: UnsafeRawBufferPointer {
        guard let output else { return content }
        return UnsafeRawBufferPointer(rebasing: output[..<compressedCount])
    }

    /// Lets `body` fill at most `limit` bytes of the room that is left; returns how many it says it did.
    func fill(upTo limit: Int, _ body: (UnsafeMutableRawBufferPointer) throws -> Int) rethrows -> Int {
        let end = count + min(limit, memory.count - count)
        let length = try body(UnsafeMutableRawBufferPointer(rebasing: memory[count..<end]))
        count += length
        return length
    }

    func compress(with compressor: PieceCompressor) throws(CodecError) {
        guard let output else { return }
        compressedCount = try compressor.compress(content, into: output)
        key = compressor.key
    }

    func reset() {
        count = 0
        compressedCount = 0
        key = nil
    }
}
