import LinuxSystem

/// The bytes of a tar, buffered, with the place in it known and its total held to a limit.
final class TarInput {
    private let source: any ByteReader
    private let limit: Int64
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 128 << 10, alignment: 4096)
    private var start = 0
    private var end = 0
    private var counted: Int64 = 0
    /// Bytes consumed.
    private(set) var offset: Int64 = 0

    init(_ source: any ByteReader, limit: Int64) {
        self.source = source
        self.limit = limit
    }

    deinit { buffer.deallocate() }

    /// Holds `amount` more bytes against the limit.
    func count(_ amount: Int64) throws {
        let (sum, overflow) = counted.addingReportingOverflow(amount)
        guard !overflow, sum <= limit else {
            throw ArchiveError(.limit, at: offset, "the archive holds more than \(limit) bytes")
        }
        counted = sum
    }

    /// Up to `buffer.count` bytes; 0 only at the source's end.
    func read(into target: UnsafeMutableRawBufferPointer) throws -> Int {
        if start == end {
            // Large reads need no stop-over.
            if target.count >= buffer.count {
                let length = try source.read(into: target)
                offset += Int64(length)
                return length
            }
            start = 0
            end = try source.read(into: buffer)
        }
        let length = min(target.count, end - start)
        target.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[start..<start + length]))
        start += length
        offset += Int64(length)
        return length
    }

    /// As many bytes as there are, up to `count`.
    func readUp(to count: Int) throws -> [UInt8] {
        var filled = 0
        var bytes = [UInt8](repeating: 0, count: count)
        try bytes.withUnsafeMutableBytes { bytes in
            while filled < count {
                let length = try read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[filled...]))
                if length == 0 { break }
                filled += length
            }
        }
        bytes.removeLast(count - filled)
        return bytes
    }

    /// The next block; nil where the source ends before it.
    func block() throws -> TarBlock? {
        if end - start >= TarBlock.size {
            let bytes = [UInt8](buffer[start..<start + TarBlock.size])
            start += TarBlock.size
            offset += Int64(TarBlock.size)
            try self.count(Int64(TarBlock.size))
            return TarBlock(bytes: bytes)
        }
        let bytes = try readUp(to: TarBlock.size)
        if bytes.isEmpty { return nil }
        guard bytes.count == TarBlock.size else {
            throw ArchiveError(.truncated, at: offset - Int64(bytes.count), "the archive ends within a header")
        }
        try self.count(Int64(TarBlock.size))
        return TarBlock(bytes: bytes)
    }

    /// Reads past `count` bytes.
    func skip(_ count: Int64) throws {
        var rest = count
        while rest > 0 {
            if start == end {
                start = 0
                end = try source.read(into: buffer)
                guard end > 0 else { throw Self.cutShort(at: offset) }
            }
            let length = Int(min(rest, Int64(end - start)))
            start += length
            offset += Int64(length)
            rest -= Int64(length)
        }
    }

    /// Reads to the source's end.
    func drain() throws {
        repeat {
            try count(Int64(end - start))
            offset += Int64(end - start)
            start = 0
            end = try source.read(into: buffer)
        } while end > 0
    }

    static func cutShort(at offset: Int64) -> ArchiveError {
        ArchiveError(.truncated, at: offset, "the archive ends within an entry: it was cut short")
    }
}
