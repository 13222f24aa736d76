/// The memory of one piece on its way through the compressor: its input and, after compression, its output.
final class PieceBuffer {
    let input: UnsafeMutableRawBufferPointer
    let output: UnsafeMutableRawBufferPointer
    var inputCount = 0
    var result: Result<Int, CodecError>?

    init(size: Int) {
        input = .allocate(byteCount: size, alignment: 64)
        output = .allocate(byteCount: PieceCompressor.bound(size), alignment: 64)
    }

    deinit {
        input.deallocate()
        output.deallocate()
    }

    var isFull: Bool { inputCount == input.count }

    /// Takes as much of `bytes` as fits; returns how much that was.
    func append(_ bytes: UnsafeRawBufferPointer) -> Int {
        let length = min(bytes.count, input.count - inputCount)
        UnsafeMutableRawBufferPointer(rebasing: input[inputCount...])
            .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<length]))
        inputCount += length
        return length
    }

    /// Fills in ``result``.
    func compress(with compressor: PieceCompressor) {
        let bytes = UnsafeRawBufferPointer(rebasing: input[..<inputCount])
        do throws(CodecError) {
            result = .success(try compressor.compress(bytes, into: output))
        } catch {
            result = .failure(error)
        }
    }

    /// The compressed bytes. Throws what compression threw.
    func compressed() throws(CodecError) -> UnsafeRawBufferPointer {
        guard let result else { throw CodecError(.library, "the piece was not compressed") }
        return UnsafeRawBufferPointer(rebasing: output[..<(try result.get())])
    }

    func reset() {
        inputCount = 0
        result = nil
    }
}
