import LinuxSystem
import OCISpec

/// Whole files through the pipeline that layers go through: for benchmarks, and for programs that have a tar already.
public enum FileCompression {
    /// What came of one file.
    public struct Outcome: Sendable {
        /// Bytes read.
        public let inputSize: Int64
        /// Bytes written.
        public let outputSize: Int64
        /// Digest of the bytes read: the DiffID, where the file is a layer's tar.
        public let inputDigest: Digest
        /// Digest of the bytes written: the blob's digest.
        public let outputDigest: Digest
    }

    /// The names of the compressions there are, as the command's option has them.
    public static var names: [String] { Compression.allCases.map(\.rawValue) }

    /// Compresses the file at `path`, hashing input and output, as a layer is written.
    ///
    /// - Parameters:
    ///   - name: one of ``names``.
    ///   - threads: how many pieces to compress at the same time; the bytes do not depend on it.
    ///   - target: the file to write; nil to throw the bytes away.
    public static func compress(_ path: String, as name: String, threads: Int, to target: String? = nil) throws
        -> Outcome
    {
        guard let compression = Compression(rawValue: name) else {
            throw CodecError(
                .unsupported, "there is no compression \(name); there are \(names.joined(separator: ", "))")
        }
        let output: any ByteWriter = try target.map { try FileByteWriter(Path($0)) } ?? NullWriter()
        let compressor = ParallelCompressor(compression, threads: threads, output: output)
        try FileByteReader(Path(path)).copyAll(to: compressor)
        let stream = try compressor.finish()
        return Outcome(
            inputSize: stream.contentSize, outputSize: stream.size, inputDigest: stream.contentDigest,
            outputDigest: stream.digest)
    }

    /// Decompresses the file at `path` (gzip, zstd or plain tar) and hashes what comes out; checks it on the way.
    public static func digestOfContent(_ path: String) throws -> (digest: Digest, size: Int64) {
        let output = HashingWriter(nil)
        try DecompressingReader(sniffing: FileByteReader(Path(path))).copyAll(to: output)
        return (output.finalize(), output.count)
    }

    /// The digest of the file at `path` as it is.
    public static func digest(_ path: String) throws -> Digest {
        let output = HashingWriter(nil)
        try FileByteReader(Path(path)).copyAll(to: output)
        return output.finalize()
    }
}

/// Where bytes go that nobody wants.
private final class NullWriter: ByteWriter {
    func write(_ bytes: UnsafeRawBufferPointer) {}
}
