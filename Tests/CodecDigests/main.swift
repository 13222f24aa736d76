import Codecs
import Glibc
import LinuxSystem

// codec-digests FILE COMPRESSION…: prints, a line each, the digest of what the file is compressed to, and the file's BLAKE3
// and that of its end.
// A program of its own, so that tests can run it on processors that they do not have.

do {
    let arguments = CommandLine.arguments.dropFirst()
    guard let file = arguments.first, arguments.count > 1 else {
        throw CommandError(description: "usage: codec-digests FILE COMPRESSION…")
    }
    for name in arguments.dropFirst() {
        let outcome = try FileCompression.compress(file, as: name, threads: 1)
        print(name, outcome.inputDigest, outcome.outputDigest, outcome.outputSize)
    }
    let bytes = try FileSystem.readFile(Path(file))
    for count in [bytes.count, 10_000, 1000] {
        let digest = bytes.suffix(count).withUnsafeBytes { BLAKE3.digest(of: $0) }
        print("blake3", digest[0], digest[1], digest[2], digest[3])
    }
} catch {
    let message = Array("codec-digests: \(error)\n".utf8)
    _ = message.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    exit(1)
}

struct CommandError: Error, CustomStringConvertible {
    let description: String
}
