import CLinux
import Glibc

/// Where bytes come from: pulled by the consumer, synchronously.
package protocol ByteReader: AnyObject {
    /// Fills the start of `buffer` and returns how many bytes; 0 means the end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int
}

/// Where bytes go.
package protocol ByteWriter: AnyObject {
    /// Takes all of `bytes`, which are only valid during the call.
    func write(_ bytes: UnsafeRawBufferPointer) throws
    /// Lets `body` put at most `limit` bytes, which is more than 0, at the start of memory that it is lent, and takes
    /// them; returns how many `body` says they are. Writers that keep bytes for later lend the place where they keep
    /// them, so that nobody copies them.
    func fill(upTo limit: Int, _ body: (UnsafeMutableRawBufferPointer) throws -> Int) throws -> Int
}

extension ByteReader {
    /// Reads until `buffer` is full or the end; returns how many bytes came.
    package func readFully(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        var filled = 0
        while filled < buffer.count {
            let count = try read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
            if count == 0 { break }
            filled += count
        }
        return filled
    }

    /// All that is left, refusing more than `limit` bytes with EFBIG.
    package func readAll(limit: Int) throws -> [UInt8] {
        var content: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = try chunk.withUnsafeMutableBytes { try read(into: $0) }
            if count == 0 { return content }
            guard content.count + count <= limit else { throw SystemError("read", errno: Errno(code: EFBIG)) }
            content.append(contentsOf: chunk[..<count])
        }
    }

    /// Moves everything to `writer`; returns how many bytes.
    @discardableResult
    package func copyAll(to writer: any ByteWriter) throws -> Int64 {
        var total: Int64 = 0
        while true {
            let count = try writer.fill(upTo: 1 << 20) { try read(into: $0) }
            if count == 0 { return total }
            total += Int64(count)
        }
    }
}

extension ByteWriter {
    package func fill(upTo limit: Int, _ body: (UnsafeMutableRawBufferPointer) throws -> Int) throws -> Int {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: min(limit, 256 << 10), alignment: 4096)
        defer { buffer.deallocate() }
        let count = try body(buffer)
        if count > 0 { try write(UnsafeRawBufferPointer(rebasing: buffer[..<count])) }
        return count
    }

    /// Writes an array's bytes.
    package func write(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { try write($0) }
    }
}

/// Reads a file, or a range of one, from start to end.
package final class FileByteReader: ByteReader {
    private let file: OwnedDescriptor
    private let path: Path?
    private var offset: Int64
    private var remaining: Int64

    /// Reads `length` bytes (all, by default) of the file at `path`, from `offset`.
    package init(_ path: Path, offset: Int64 = 0, length: Int64 = .max) throws(SystemError) {
        file = try OwnedDescriptor.open(path, O_RDONLY)
        self.path = path
        self.offset = offset
        remaining = length
    }

    /// Reads an open file, which the reader owns from here on.
    package init(adopting file: consuming OwnedDescriptor, offset: Int64 = 0, length: Int64 = .max) {
        self.file = file
        path = nil
        self.offset = offset
        remaining = length
    }

    package func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let wanted = Int(clamping: min(Int64(buffer.count), remaining))
        guard wanted > 0 else { return 0 }
        let number = file.raw
        let count = try checked("read", path) { pread(number, buffer.baseAddress, wanted, off_t(offset)) }
        offset += Int64(count)
        remaining -= Int64(count)
        return count
    }
}

/// Writes to an open file at its position.
package final class FileByteWriter: ByteWriter, Sendable {
    private let file: OwnedDescriptor

    /// Creates or empties the file at `path`.
    package init(_ path: Path, mode: UInt32 = 0o644) throws(SystemError) {
        file = try OwnedDescriptor.open(path, O_WRONLY | O_CREAT | O_TRUNC, mode: mode)
    }

    /// Writes to an open file, which the writer owns from here on.
    package init(adopting file: consuming OwnedDescriptor) { self.file = file }

    /// Writes to standard output itself, and not to /dev/stdout: a file that it was redirected to is not to be emptied
    /// or replaced.
    package static func standardOutput() throws(SystemError) -> FileByteWriter {
        let number = try checked("write to standard output") { fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0) }
        return FileByteWriter(adopting: OwnedDescriptor(adopting: number))
    }

    package func write(_ bytes: UnsafeRawBufferPointer) throws { try file.writeAll(bytes) }

    /// Waits until all is on the disk.
    package func synchronize() throws(SystemError) { try file.synchronize() }
}

/// Reads from memory.
package final class BytesReader: ByteReader {
    private let bytes: [UInt8]
    private var offset = 0

    /// Reads these bytes.
    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    package func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let count = min(buffer.count, bytes.count - offset)
        guard count > 0 else { return 0 }
        bytes.withUnsafeBytes { buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[offset..<offset + count])) }
        offset += count
        return count
    }
}

/// Collects in memory.
package final class BytesWriter: ByteWriter {
    /// All that was written so far.
    package private(set) var bytes: [UInt8] = []

    /// Starts empty.
    package init() {}

    package func write(_ bytes: UnsafeRawBufferPointer) throws { self.bytes.append(contentsOf: bytes) }
}
