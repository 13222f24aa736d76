import LinuxSystem

/// Compresses a stream in pieces of a fixed size, each to a gzip member or zstd frame of its own, writes them in order,
/// and takes the digests of what goes in and what comes out.
///
/// The bytes written depend on the input and the ``Compression`` alone: not on the number of threads, nor on how the
/// input was cut into `write` calls. Memory is bounded by one piece a thread and a few more; `write` waits when all are
/// in use. With several threads the output is written on them, one call at a time and in order.
package final class ParallelCompressor: ByteWriter {
    private let compression: Compression
    private let memory: (any PieceMemory)?
    private let digests: StreamDigests
    private let ring: PieceRing?
    /// With few threads all are busy anyway, and whoever read the bytes has them at hand; with many, the reader would be
    /// what all wait for.
    private let hashesWhereRead: Bool
    private var piece: PieceBuffer?
    private var inline: PieceCompressor?
    private var wroteAny = false
    private var isFinished = false

    /// A compressor that writes to `output`.
    ///
    /// - Parameter threads: how many threads compress, hash and write beside the calling one. With 1 the calling thread
    ///   does it all; with more, threads are started when a second piece is there to need them.
    /// - Parameter memory: pieces that need not be compressed again. The bytes are the same without it.
    package init(
        _ compression: Compression, threads: Int, memory: (any PieceMemory)? = nil, output: any ByteWriter
    ) {
        self.compression = compression
        self.memory = memory
        digests = StreamDigests(compression, output: output)
        hashesWhereRead = threads < 4
        ring = threads > 1 ? PieceRing(compression, threads: threads, memory, digests, hashes: !hashesWhereRead) : nil
    }

    deinit {
        ring?.stop()
    }

    /// Takes the next input bytes in.
    package func write(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes
        while rest.count > 0 {
            let length = try fill(upTo: rest.count) { room in
                room.copyMemory(from: UnsafeRawBufferPointer(rebasing: rest[..<room.count]))
                return room.count
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[length...])
        }
    }

    /// Lets `body` put the next input bytes where they are compressed from, so that nobody copies them.
    package func fill(upTo limit: Int, _ body: (UnsafeMutableRawBufferPointer) throws -> Int) throws -> Int {
        precondition(!isFinished, "write after finish")
        // A full piece goes only when more input follows it: the last one may then be compressed right here.
        if let piece, piece.isFull { try submit(piece) }
        let piece = try nextPiece()
        guard hashesWhereRead else { return try piece.fill(upTo: limit, body) }
        // While they are in this processor's cache.
        let count = try piece.fill(upTo: min(limit, 256 << 10), body)
        try digests.hash(UnsafeRawBufferPointer(rebasing: piece.content.suffix(count)))
        return count
    }

    /// Compresses and writes what is left, and ends the threads. An empty input gives one empty member or frame.
    @discardableResult
    package func finish() throws -> CompressedStream {
        precondition(!isFinished, "finish after finish")
        isFinished = true
        defer { ring?.stop() }
        let last = piece ?? (wroteAny ? nil : PieceBuffer(compression))
        if let last, !last.isEmpty || !wroteAny {
            if let ring, wroteAny { try ring.submit() } else { try process(last) }
        }
        try ring?.drain()
        piece = nil
        return digests.finish()
    }

    private func nextPiece() throws -> PieceBuffer {
        if let piece { return piece }
        let next = try ring?.pieceToFill() ?? PieceBuffer(compression)
        piece = next
        return next
    }

    private func submit(_ full: PieceBuffer) throws {
        wroteAny = true
        guard let ring else { return try process(full) }
        piece = nil
        try ring.submit()
    }

    /// All that happens to a piece, right here.
    private func process(_ piece: PieceBuffer) throws {
        let compressor = try inline ?? PieceCompressor(compression, memory: memory)
        inline = compressor
        if !hashesWhereRead { try digests.hash(piece.content) }
        try piece.compress(with: compressor)
        try digests.write(piece)
        piece.reset()
    }
}
