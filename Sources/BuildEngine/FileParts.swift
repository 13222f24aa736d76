import Codecs
import Glibc
import LinuxSystem

/// A file's content by parts whose values are joined to its digest: what one thread needs of it.
struct FileParts: ~Copyable {
    /// The length of all parts but the last. As much as stays in a core's own memory between being read and being hashed.
    static let length = 256 << 10

    private let file: OwnedDescriptor
    private let buffer: UnsafeMutableRawBufferPointer

    /// Opens the file; `buffer`, for which there is ``buffer()``, is used as long as this lives.
    init(_ path: Path, _ buffer: UnsafeMutableRawBufferPointer) throws(SystemError) {
        // O_NONBLOCK: opening a FIFO that came in the file's place must not hang.
        file = try OwnedDescriptor.open(path, O_RDONLY | O_NONBLOCK)
        self.buffer = buffer
    }

    /// A buffer that holds a part; whoever asks for it deallocates it.
    static func buffer() -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer.allocate(byteCount: length, alignment: 4096)
    }

    /// The part at `offset`, of a file of which `size` bytes are expected: shorter than a part at the end only, wherever
    /// that is. Valid until the next one is read.
    func read(at offset: Int64, of size: Int64) throws(SystemError) -> UnsafeRawBufferPointer {
        var count = 0
        while count < Self.length {
            let more = try file.read(
                into: UnsafeMutableRawBufferPointer(rebasing: buffer[count...]), at: offset + Int64(count))
            count += more
            // Less than was asked for, just where the end should be, is the end: a file takes one call.
            if more == 0 || count < Self.length && offset + Int64(count) == size { break }
        }
        return UnsafeRawBufferPointer(rebasing: buffer[..<count])
    }

    /// The digest of all there is, whether or not that is `size` bytes.
    func digest(size: Int64) throws(SystemError) -> ContentDigest {
        var parts: [BLAKE3.Value] = []
        while true {
            let offset = Int64(parts.count) * Int64(Self.length)
            let bytes = try read(at: offset, of: size)
            if parts.isEmpty, bytes.count < Self.length { return ContentDigest(BLAKE3.digest(of: bytes)) }
            if bytes.count > 0 { parts.append(BLAKE3.part(bytes, at: offset)) }
            if bytes.count < Self.length { break }
        }
        // One part is not hashed like a part; nothing was read over it.
        if parts.count == 1 { return ContentDigest(BLAKE3.digest(of: UnsafeRawBufferPointer(buffer))) }
        return ContentDigest(BLAKE3.join(parts))
    }
}
