import CLinux
import Glibc

extension FileSystem {
    /// Copies the whole content of an open file to another one, which is empty. Where the file system can, both share
    /// their blocks from then on; else the kernel copies, and holes stay holes. What is no regular file is read to its
    /// end. See ioctl_ficlone(2) and copy_file_range(2).
    /// - Returns: the bytes that the copy has, holes counted.
    @discardableResult
    package static func copyContent(
        of source: borrowing OwnedDescriptor, to target: borrowing OwnedDescriptor
    ) throws(SystemError) -> Int64 {
        let status = try source.status()
        // Files of /proc have no size; and of small ones there is nothing to share.
        guard status.type == .regular, status.size > 64 << 10 else {
            return try copyByReading(source, to: target, from: 0, to: .max)
        }
        if clinux_clone_file(source.raw, target.raw) == 0 { return try target.status().size }
        let isHoley = status.blocks < status.size / 512
        var end: Int64 = 0
        while end < status.size {
            var start = end
            end = status.size
            if isHoley {
                guard let piece = try nextData(of: source, from: start, size: status.size) else { break }
                (start, end) = (piece.lowerBound, piece.upperBound)
            }
            let copied = try copyRange(source, to: target, from: start, to: end)
            // Somebody cut it off.
            if copied < end { return copied }
        }
        let raw = target.raw
        if isHoley { _ = try checked("ftruncate") { ftruncate(raw, off_t(status.size)) } }
        return status.size
    }

    /// The next piece of a file that is no hole; nil where only holes follow.
    private static func nextData(
        of source: borrowing OwnedDescriptor, from start: Int64, size: Int64
    ) throws(SystemError) -> Range<Int64>? {
        let data = lseek(source.raw, off_t(start), CLINUX_SEEK_DATA)
        if data < 0 {
            let error = Errno.current
            if error == Errno(code: ENXIO) { return nil }
            // The file system does not tell.
            if error == .invalid { return start..<size }
            throw SystemError("lseek", errno: error)
        }
        guard data < size else { return nil }
        let raw = source.raw
        let hole = try checked("lseek") { lseek(raw, data, CLINUX_SEEK_HOLE) }
        return Int64(data)..<min(Int64(hole), size)
    }

    /// Copies a piece, without the bytes leaving the kernel where that can be. Returns how far it came.
    private static func copyRange(
        _ source: borrowing OwnedDescriptor, to target: borrowing OwnedDescriptor, from start: Int64, to end: Int64
    ) throws(SystemError) -> Int64 {
        var (from, to) = (start, start)
        while from < end {
            let length = Int(clamping: min(end - from, 1 << 30))
            let count = clinux_copy_file_range(source.raw, &from, target.raw, &to, length)
            if count > 0 { continue }
            let error = count == 0 ? nil : Errno.current
            if error == .interrupted { continue }
            // Two file systems, one that cannot, a kernel that is forbidden to, or a file whose size is made up.
            let fallbacks: [Errno] = [.crossDevice, .notSupported, .invalid, .noSystemCall, .permission]
            guard error.map({ fallbacks.contains($0) }) ?? true else {
                throw SystemError("copy_file_range", errno: error ?? .io)
            }
            return try copyByReading(source, to: target, from: from, to: end)
        }
        return from
    }

    private static func copyByReading(
        _ source: borrowing OwnedDescriptor, to target: borrowing OwnedDescriptor, from start: Int64, to end: Int64
    ) throws(SystemError) -> Int64 {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 4096)
        defer { buffer.deallocate() }
        let (input, output) = (source.raw, target.raw)
        // What is no regular file may have no places to read at.
        let isSequence = end == .max
        var offset = start
        while offset < end {
            let wanted = Int(clamping: min(Int64(buffer.count), end - offset))
            let count = try checked("read") {
                isSequence
                    ? read(input, buffer.baseAddress, wanted) : pread(input, buffer.baseAddress, wanted, off_t(offset))
            }
            if count == 0 { return offset }
            var written = 0
            while written < count {
                let (rest, place) = (buffer.baseAddress.map { $0 + written }, off_t(offset) + off_t(written))
                written += try checked("write") { pwrite(output, rest, count - written, place) }
            }
            offset += Int64(count)
        }
        return offset
    }
}
