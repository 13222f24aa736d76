import LinuxSystem

/// Compresses a stream in pieces of a fixed size, each to a gzip member or zstd frame of its own, and writes them in
/// order.
///
/// The bytes written depend on the input and the ``Compression`` alone: not on the number of threads, nor on how the
/// input was cut into `write` calls. Memory is bounded by one piece a thread and two more; `write` waits when all are in use.
/// The output is written on the thread that calls `write` and `finish`.
package final class ParallelCompressor: ByteWriter {
    private let compression: Compression
    private let output: any ByteWriter
    private let ring: PieceRing?
    private var piece: PieceBuffer?
    private var inline: PieceCompressor?
    private var wroteAny = false
    private var isFinished = false

    /// A compressor that writes to `output`.
    ///
    /// - Parameter threads: how many pieces to compress at the same time. With 1 the calling thread does it; with more,
    ///   threads are started when a second piece is there to need them.
    package init(_ compression: Compression, threads: Int, output: any ByteWriter) {
        self.compression = compression
        self.output = output
        ring =
            threads > 1 && compression != .none
            ? PieceRing(compression, threads: threads) : nil
    }

    deinit {
        ring?.stop()
    }

    /// Takes the next input bytes in.
    package func write(_ bytes: UnsafeRawBufferPointer) throws {
        precondition(!isFinished, "write after finish")
        guard compression != .none else { return try output.write(bytes) }
        var rest = bytes
        while rest.count > 0 {
            // A full piece goes only when more input follows it: the last one may then be compressed right here.
            if let piece, piece.isFull { try submit(piece) }
            let piece = nextPiece()
            let length = piece.append(rest)
            rest = UnsafeRawBufferPointer(rebasing: rest[length...])
        }
    }

    /// Compresses and writes what is left, and ends the threads. An empty input gives one empty member or frame.
    package func finish() throws {
        precondition(!isFinished, "finish after finish")
        isFinished = true
        defer { ring?.stop() }
        guard compression != .none else { return }
        if let ring, wroteAny {
            if let piece, piece.inputCount > 0 { try submit(piece) }
            while try writeOldest(of: ring, wait: true) {}
        } else if let piece, piece.inputCount > 0 {
            try compressInline(piece)
        } else if !wroteAny {
            try compressInline(PieceBuffer(size: 0))
        }
        piece = nil
    }

    private func nextPiece() -> PieceBuffer {
        if let piece { return piece }
        let next = ring?.pieceToFill() ?? PieceBuffer(size: compression.pieceSize)
        piece = next
        return next
    }

    private func submit(_ full: PieceBuffer) throws {
        wroteAny = true
        guard let ring else { return try compressInline(full) }
        piece = nil
        try ring.submit()
        while try writeOldest(of: ring, wait: false) {}
    }

    private func writeOldest(of ring: PieceRing, wait: Bool) throws -> Bool {
        guard let oldest = ring.oldestFinished(wait: wait) else { return false }
        try output.write(oldest.compressed())
        ring.releaseOldest()
        return true
    }

    private func compressInline(_ piece: PieceBuffer) throws {
        let compressor = try inline ?? PieceCompressor(compression)
        inline = compressor
        piece.compress(with: compressor)
        try output.write(piece.compressed())
        piece.reset()
    }
}
