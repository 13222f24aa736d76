import Codecs
import Glibc
import LinuxSystem
import OCISpec
import TestSupport
import Testing

/// Layers are named by their bytes, and libraries choose their code by the processor that they find themselves on.
@Suite(.serialized) struct ProcessorTests {
    /// A piece of text and noise; one of machine code, zeros and more; one of text; one that no codec makes smaller; and one
    /// of which a part is so.
    private static func sample() throws -> [UInt8] {
        let piece = Compression.default.pieceSize
        // Whatever this program has there: what kind of content its piece is must not hang on it.
        let code = try FileByteReader("/proc/self/exe", offset: 1 << 20, length: 600_000).readAll(limit: 600_000)
        let zeros = [UInt8](repeating: 0, count: 300_000)
        let mixed = code + zeros + Sample.bytes(piece - code.count - zeros.count, seed: 4)
        return Sample.bytes(piece, seed: 3) + mixed + Sample.text(piece, seed: 6) + Sample.noise(piece)
            + Sample.text(400_000, seed: 7) + Sample.noise(300_000, seed: 8) + Sample.bytes(70_000, seed: 5)
    }

    /// From the first with SSE4.2, which is what x86-64-v2 asks for, to all that the emulator knows. Nehalem has no
    /// carry-less multiplication, SandyBridge is the first with AVX, Haswell with AVX2 and BMI2, EPYC AMD's first with
    /// SHA instructions.
    static let processors = ["Nehalem", "Westmere", "SandyBridge", "Haswell", "EPYC", "max"]

    @Test("x86-64-v2 and everything after it give the same bytes", arguments: processors)
    func emulated(_ processor: String) async throws {
        let folder = try TemporaryDirectory()
        let file = folder.path / "sample"
        try FileByteWriter(file).write(try Self.sample())
        let products = try FileSystem.readLink("/proc/self/exe").parent ?? "/"
        let command = ["\(products / "codec-digests")", "\(file)", "fast", "default"]
        let here = try await BlockingPool.shared.run {
            try Sample.run(command, package: "swift build --build-tests makes it", input: [])
        }
        #expect(here.status == 0, "\(String(decoding: here.error, as: UTF8.self))")
        let there = try await BlockingPool.shared.run {
            try Sample.run(
                ["qemu-x86_64", "-cpu", processor] + command, package: "qemu-user", input: [], timeoutSeconds: 600)
        }
        #expect(there.status == 0, "\(String(decoding: there.error, as: UTF8.self))")
        #expect(here.output.split(separator: 0x0A).count == 5)
        #expect(String(decoding: there.output, as: UTF8.self) == String(decoding: here.output, as: UTF8.self))
    }

    @Test("The default codec's library gives the same bytes on arm64")
    func arm64() async throws {
        let root = ForeignTools.arm64
        let program = root / "usr/bin/libdeflate-gzip"
        try #require(
            FileSystem.exists(program),
            "\(program) is missing: `.ci/setup test` puts Debian's arm64 package libdeflate-tools there")
        let piece = Compression.default.pieceSize
        let bytes = try Self.sample()
        for (start, kind, level) in [(0, PieceKind.dense, "-1"), (piece, .other, "-5"), (2 * piece, .text, "-6")] {
            let content = Array(bytes[start..<start + piece])
            let found = content.withUnsafeBytes { PieceKind(of: $0) }
            #expect(found == kind)
            let ours = try Sample.compressed(content, .default)
            let theirs = try await BlockingPool.shared.run {
                try Sample.run(
                    ["qemu-aarch64", "-L", "\(root)", "\(program)", level, "-c"], package: "qemu-user", input: content,
                    timeoutSeconds: 600)
            }
            #expect(theirs.status == 0, "\(String(decoding: theirs.error, as: UTF8.self))")
            // The headers differ in what they say of time and system, and are ours to write.
            let isSame = ours.dropFirst(10) == theirs.output.dropFirst(10)
            #expect(isSame, "the piece at \(start) is compressed to other bytes on arm64")
        }
    }
}
