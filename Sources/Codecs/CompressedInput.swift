import LinuxSystem

/// A window on a compressed source that knows how far into it the decoder is, and can look a few bytes ahead.
final class CompressedInput {
    private let source: any ByteReader
    private let buffer: UnsafeMutableRawBufferPointer
    private var start = 0
    private var end = 0
    private var isAtEnd = false
    /// Bytes of the source that the decoder has consumed.
    private(set) var offset: Int64 = 0

    init(_ source: any ByteReader, size: Int = 128 << 10) {
        self.source = source
        buffer = .allocate(byteCount: size, alignment: 64)
    }

    deinit {
        buffer.deallocate()
    }

    /// The bytes read and not yet consumed.
    var available: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: buffer[start..<end]) }

    /// Reads until `count` bytes are available; false where the source ends before.
    func fill(atLeast count: Int) throws -> Bool {
        while end - start < count {
            guard !isAtEnd else { return false }
            if buffer.count - start < count || start == end { compact() }
            let length = try source.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[end...]))
            isAtEnd = length == 0
            end += length
        }
        return true
    }

    func consume(_ count: Int) {
        start += count
        offset += Int64(count)
    }

    private func compact() {
        // copyMemory is a memmove: the two ranges may overlap.
        buffer.copyMemory(from: available)
        end -= start
        start = 0
    }
}
