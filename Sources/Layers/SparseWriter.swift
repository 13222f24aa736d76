import Glibc
import LinuxSystem

/// Writes a file of known size from its start, leaving blocks of zeros as holes.
struct SparseWriter {
    private static let block = 4096
    /// Smaller files are written as they come: a hole would save less than finding it costs.
    private static let smallest: Int64 = 128 << 10

    private let file: CInt
    private let size: Int64
    private var offset: Int64 = 0
    private var hasHoles = false

    /// Writes to a descriptor that stays the caller's.
    init(file: CInt, size: Int64) {
        self.file = file
        self.size = size
    }

    /// Takes the next bytes of the file.
    mutating func write(_ bytes: UnsafeRawBufferPointer) throws {
        guard Int64(bytes.count) <= size - offset else { throw SystemError("write", errno: Errno(code: EFBIG)) }
        if size < Self.smallest { return try put(bytes) }
        var start = 0
        while start < bytes.count {
            var end = start
            let zero = Self.isZero(bytes, at: start)
            repeat {
                end = min(end + Self.block, bytes.count)
            } while end < bytes.count
                && Self.isZero(bytes, at: end) == zero
            if zero {
                hasHoles = true
                offset += Int64(end - start)
            } else {
                try put(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
            }
            start = end
        }
    }

    /// Completes the file; fewer bytes than its size are an error.
    func finish() throws(SystemError) {
        guard offset == size else { throw SystemError("write", errno: .io) }
        if hasHoles { _ = try checked("ftruncate") { ftruncate(file, off_t(size)) } }
    }

    private mutating func put(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes
        while rest.count > 0 {
            let count = try checked("write") { pwrite(file, rest.baseAddress, rest.count, off_t(offset)) }
            offset += Int64(count)
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    private static func isZero(_ bytes: UnsafeRawBufferPointer, at start: Int) -> Bool {
        let end = min(start + block, bytes.count)
        guard bytes[start] == 0, bytes[end - 1] == 0, let base = bytes.baseAddress else { return false }
        // A run of equal bytes equals itself shifted by one.
        return end - start == 1 || memcmp(base + start, base + start + 1, end - start - 1) == 0
    }
}
