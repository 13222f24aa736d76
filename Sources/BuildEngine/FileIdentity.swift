import Codecs
import LinuxSystem

/// What tells a file from every other, and from itself before it was written to: whoever changes content or metadata of a
/// file changes its second time, which nobody can set.
struct FileIdentity: Hashable, Sendable {
    let device: UInt64
    let inode: UInt64
    let size: Int64
    let modified: FileTime
    let changed: FileTime

    init(device: UInt64, inode: UInt64, size: Int64, modified: FileTime, changed: FileTime) {
        self.device = device
        self.inode = inode
        self.size = size
        self.modified = modified
        self.changed = changed
    }

    init(_ status: FileStatus) {
        self.init(
            device: status.device, inode: status.inode, size: status.size, modified: status.modified,
            changed: status.changed)
    }
}

/// The BLAKE3 of a file's content, without memory of its own: a selection may have a hundred thousand.
struct ContentDigest: Hashable, Sendable {
    private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    /// A digest of these 32 bytes.
    init(_ bytes: UnsafeRawBufferPointer) {
        precondition(bytes.count == 32, "a digest has 32 bytes")
        withUnsafeMutableBytes(of: &words) { $0.copyMemory(from: bytes) }
    }

    /// A digest of these 32 bytes.
    init(_ bytes: [UInt8]) { self = bytes.withUnsafeBytes { ContentDigest($0) } }

    /// A digest of this value.
    init(_ value: BLAKE3.Value) { self = withUnsafeBytes(of: value) { ContentDigest($0) } }

    /// Calls `body` with the 32 bytes.
    func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try withUnsafeBytes(of: words, body)
    }

    static func == (left: ContentDigest, right: ContentDigest) -> Bool { left.words == right.words }

    func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
}
