import Codecs
import LinuxSystem
import OCISpec
import Testing

/// Test data and short ways through the codecs.
enum Sample {
    /// Bytes between text and noise, the same for the same arguments on every machine.
    static func bytes(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        var bytes = [UInt8](repeating: 0, count: count + 16)
        bytes.withUnsafeMutableBufferPointer { bytes in
            var end = 0
            while end < count {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let choice = Int(state >> 60)
                if choice < 10, end > 300 {
                    let start = end - 20 - Int(state >> 33) % 250
                    for index in 0..<4 + choice { bytes[end + index] = bytes[start + index] }
                    end += 4 + choice
                } else {
                    for index in 0..<5 {
                        bytes[end + index] = UInt8(truncatingIfNeeded: state >> (24 + 8 * UInt64(index)))
                    }
                    end += 5
                }
            }
        }
        return Array(bytes.prefix(count))
    }

    /// Bytes that nothing makes smaller, the same for the same arguments on every machine.
    static func noise(_ count: Int, seed: UInt64 = 7) -> [UInt8] {
        var state = seed
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 56)
        }
    }

    /// Letters and what separates them, with repetitions, the same for the same arguments on every machine.
    static func text(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
        let letters = Array("etaoin shrdlu, cmfwyp vbgkqj. xz".utf8)
        return bytes(count, seed: seed).map { letters[Int($0 & 31)] }
    }

    static func compressed(
        _ bytes: [UInt8], _ compression: Compression, threads: Int = 1, writing step: Int = .max
    ) throws -> [UInt8] {
        let output = BytesWriter()
        let compressor = ParallelCompressor(compression, threads: threads, output: output)
        var start = 0
        while start < bytes.count {
            let end = start + min(step, bytes.count - start)
            try bytes[start..<end].withUnsafeBytes { try compressor.write($0) }
            start = end
        }
        try compressor.finish()
        return output.bytes
    }

    static func decompressed(
        _ bytes: [UInt8], _ encoding: BlobEncoding, reading step: Int = 1 << 16, sourceStep: Int = .max
    ) throws -> [UInt8] {
        let source = DrippingReader(bytes, step: sourceStep)
        return try drained(DecompressingReader(source, encoding: encoding), step: step)
    }

    static func drained(_ reader: any ByteReader, step: Int = 1 << 16) throws -> [UInt8] {
        var result: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: step)
        while true {
            let count = try buffer.withUnsafeMutableBytes { try reader.read(into: $0) }
            if count == 0 { return result }
            result += buffer[..<count]
        }
    }

    /// Requires a Debian tool and returns its exit status and output for `input`.
    static func run(
        _ arguments: [String], package: String, input: [UInt8], timeoutSeconds: Double = 60
    ) throws -> ChildProcess.Outcome {
        do {
            return try ChildProcess.run(arguments, input: input, timeoutSeconds: timeoutSeconds)
        } catch {
            Issue.record("\(arguments[0]) cannot be run (Debian package \(package)): \(error)")
            throw error
        }
    }
}

/// Gives a few bytes at a time, as a network does.
final class DrippingReader: ByteReader {
    private let source: BytesReader
    private let step: Int
    private(set) var isDrained = false

    init(_ bytes: [UInt8], step: Int) {
        source = BytesReader(bytes)
        self.step = step
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let count = try source.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(step)))
        isDrained = count == 0
        return count
    }
}
