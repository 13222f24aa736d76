import Codecs
import LinuxSystem
import OCISpec
import Testing

@Suite struct ParallelCompressorTests {
    static let piece = Compression.default.pieceSize
    static let sizes = [0, 1, 511, piece - 1, piece, piece + 1, 2 * piece, 2 * piece + 1, 5 * piece + 12_345]
    static let cases = Compression.allCases.flatMap { compression in sizes.map { (compression, $0) } }

    @Test("Every size comes back whole, and threads and write sizes change no byte", arguments: cases)
    func roundTrip(_ compression: Compression, size: Int) throws {
        // The best level is slow and takes the same path as the default.
        guard compression != .best || size <= Self.piece + 1 else { return }
        let bytes = Sample.bytes(size)
        let alone = try Sample.compressed(bytes, compression)
        let isWhole = try Sample.decompressed(alone, compression.encoding) == bytes
        #expect(isWhole)
        if compression.encoding == .gzip {
            let isWholeElsewhere = try ReferenceInflate.members(alone) == bytes
            #expect(isWholeElsewhere, "zlib reads other content")
        }
        for threads in [2, 8] {
            let together = try Sample.compressed(bytes, compression, threads: threads, writing: 100_003)
            let same = together == alone
            #expect(same, "\(threads) threads gave other bytes")
        }
        if compression != .none { #expect(!alone.isEmpty) }
    }

    @Test("A member holds exactly one piece, and nothing that varies is in its header")
    func memberLayout() throws {
        for compression in [Compression.fast, .default, .best, .zlib] {
            let one = try Sample.compressed(Sample.bytes(Self.piece), compression)
            let both = try Sample.compressed(Sample.bytes(Self.piece + 1000), compression)
            #expect(both.starts(with: one))
            #expect(both.count > one.count)
            #expect(Array(one.prefix(10)) == [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF])
            #expect(Array(both.dropFirst(one.count).prefix(10)) == [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF])
        }
    }

    @Test("Noise grows by little")
    func incompressible() throws {
        let noise = Sample.noise(Self.piece + 777)
        for compression in Compression.allCases {
            let blob = try Sample.compressed(noise, compression, threads: 2)
            #expect(blob.count < noise.count + noise.count / 500 + 1024)
            let isWhole = try Sample.decompressed(blob, compression.encoding) == noise
            #expect(isWhole)
        }
    }

    @Test("The common tools accept the blobs and give the same content back")
    func tools() throws {
        let inputs = [[], Sample.bytes(1000), Sample.bytes(3 * Self.piece + 99, seed: 5)]
        for bytes in inputs {
            for compression in [Compression.fast, .default, .best, .zlib] {
                let blob = try Sample.compressed(bytes, compression, threads: 3)
                for (tool, package) in [("gzip", "gzip"), ("pigz", "pigz"), ("igzip", "isal")] {
                    let arguments = tool == "igzip" ? ["igzip", "-d", "-c"] : [tool, "-dc"]
                    let outcome = try Sample.run(arguments, package: package, input: blob)
                    #expect(outcome.status == 0, "\(tool): \(String(decoding: outcome.error, as: UTF8.self))")
                    let isWhole = outcome.output == bytes
                    #expect(isWhole, "\(tool) read other content of \(compression)")
                }
            }
            let frames = try Sample.compressed(bytes, .zstd, threads: 3)
            let outcome = try Sample.run(["zstd", "-dc"], package: "zstd", input: frames)
            #expect(outcome.status == 0, "\(String(decoding: outcome.error, as: UTF8.self))")
            let isWhole = outcome.output == bytes
            #expect(isWhole)
        }
    }

    @Test("zlib's own level 6, and nothing else, makes the deflate data of a member")
    func referenceBytes() throws {
        let bytes = Sample.bytes(300_000, seed: 8)
        let ours = try Sample.compressed(bytes, .zlib)
        let theirs = try Sample.run(["python3", "-c", Self.pythonDeflate], package: "python3", input: bytes).output
        let isEqual = Array(ours.dropFirst(10).dropLast(8)) == theirs
        #expect(isEqual)
    }

    static let pythonDeflate = """
        import sys, zlib
        deflate = zlib.compressobj(6, zlib.DEFLATED, -15)
        sys.stdout.buffer.write(deflate.compress(sys.stdin.buffer.read()) + deflate.flush())
        """

    @Test("An error of the output ends the stream and the threads")
    func failingOutput() {
        final class FullDisk: ByteWriter {
            var left = 1 << 20
            func write(_ bytes: UnsafeRawBufferPointer) throws {
                left -= bytes.count
                if left < 0 { throw SystemError("write", errno: Errno(code: 28)) }
            }
        }
        for threads in [1, 4] {
            let compressor = ParallelCompressor(.default, threads: threads, output: FullDisk())
            #expect(throws: SystemError.self) {
                try compressor.write(Sample.bytes(12 * Self.piece))
                try compressor.finish()
            }
        }
    }

    @Test("A compressor that is dropped half-way leaves no thread waiting")
    func abandoned() throws {
        for _ in 0..<20 {
            let compressor = ParallelCompressor(.fast, threads: 4, output: BytesWriter())
            try compressor.write(Sample.bytes(3 * Self.piece))
        }
    }

    @Test("The record's name of each compression is its own")
    func identities() {
        #expect(Set(Compression.allCases.map(\.identity)).count == Compression.allCases.count)
        #expect(Compression.default.mediaType == .ociLayerGzip)
        #expect(Compression.zstd.mediaType == .ociLayerZstd)
        #expect(Compression.none.mediaType == .ociLayer)
    }

    // Golden digests: a layer's bytes are the identity of images out there. Change them only together with
    // `Compression.identity`, and knowingly.
    @Test("The bytes are those of every other build")
    func golden() throws {
        let bytes = Sample.bytes(2 * Self.piece + 4321, seed: 42)
        let digests = try Compression.allCases.map { Digest.sha256(of: try Sample.compressed(bytes, $0)).hex }
        #expect(digests == Self.goldenDigests)
    }

    static let goldenDigests = [
        "a358df23320a53247eb3f6c26d5b047289b5d174f3d24d3cbc2e23432e43e378",
        "7c629dc24335936100b3f48d876f76224da625a7156202f4f1cbd6d873fbfc62",
        "ab14c9388e96d37cc99b7dc84e8b637537c03602c043a44856da4058802e3f6a",
        "2861f794ecc5f1305f123b731fd11b1b7945495a7663e06aad0f92e4bd177bf2",
        "9b03021ceddb44670f430f0bebfa1abb184b9ae897fe21b9e13b3e705a4cd377",
        "965e49b0bb1b04bcbdac8689300ec7e6f180d82fcca421756d8e674d5f4b7e96",
    ]
}
