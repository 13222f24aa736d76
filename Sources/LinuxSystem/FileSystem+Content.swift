import CLinux
import Glibc

extension FileSystem {
    /// The whole content of a file, FIFO or character device of at most `limit` bytes; more is refused with EFBIG. A FIFO
    /// that nobody writes to is empty.
    package static func readFile(_ path: Path, limit: Int = 64 << 20) throws(SystemError) -> [UInt8] {
        // O_NONBLOCK: opening a FIFO that somebody left in our way must not hang.
        let file = try OwnedDescriptor.open(path, O_RDONLY | O_NONBLOCK)
        let status = try file.status()
        guard status.type == .regular || status.type == .characterDevice || status.type == .fifo else {
            throw SystemError("read", path, errno: status.type == .directory ? .isDirectory : .invalid)
        }
        guard status.size <= Int64(limit) else { throw SystemError("read", path, errno: Errno(code: EFBIG)) }
        // Of a regular file the size tells how much there is, and that one byte more is not to be had.
        var room = status.type == .regular && status.size > 0 ? Int(status.size) + 1 : 16 << 10
        var content: [UInt8] = []
        while true {
            let count = try append(to: &content, atMost: room, from: file, path)
            if count == 0 { return content }
            guard content.count <= limit else { throw SystemError("read", path, errno: Errno(code: EFBIG)) }
            if status.type == .regular, count < room, content.count == Int(status.size) { return content }
            room = 128 << 10
        }
    }

    /// Reads once, and returns how many bytes were added; 0 at the end.
    private static func append(
        to content: inout [UInt8], atMost room: Int, from file: borrowing OwnedDescriptor, _ path: Path
    ) throws(SystemError) -> Int {
        let raw = file.raw
        var failure: SystemError?
        let piece = [UInt8](unsafeUninitializedCapacity: room) { buffer, filled in
            do throws(SystemError) {
                filled = try checked("read", path) { read(raw, buffer.baseAddress, room) }
            } catch {
                failure = error
            }
        }
        if let failure {
            guard failure.errno == .again else { throw failure }
            // A FIFO whose writer is there and has not written yet, as of a shell's `<(command)`.
            var poll = pollfd(fd: raw, events: Int16(POLLIN), revents: 0)
            _ = try checked("poll", path) { Glibc.poll(&poll, 1, -1) }
            return try append(to: &content, atMost: room, from: file, path)
        }
        let count = piece.count
        if content.isEmpty { content = piece } else { content.append(contentsOf: piece) }
        return count
    }

    /// Writes a file, replacing what it held. Not atomic: for what nobody else reads yet.
    package static func writeFile(_ path: Path, _ bytes: [UInt8], mode: UInt32 = 0o644) throws(SystemError) {
        let file = try OwnedDescriptor.open(path, O_WRONLY | O_CREAT | O_TRUNC, mode: mode)
        try write(bytes, to: file)
    }

    /// Makes the file's content appear under its name at once or not at all: written beside it, synchronised where
    /// `durable`, renamed, and the directory synchronised, so that neither a crash nor a power cut leaves a torn file.
    package static func writeAtomically(
        _ bytes: [UInt8], to path: Path, mode: UInt32 = 0o644, durable: Bool = true
    ) throws(SystemError) {
        let directory = path.parent ?? "."
        let temporary =
            directory / Path(".\(path.lastComponent ?? "file").\(getpid()).\(UInt32.random(in: .min ... .max))")
        do throws(SystemError) {
            let file = try OwnedDescriptor.open(temporary, O_WRONLY | O_CREAT | O_EXCL, mode: mode)
            try write(bytes, to: file)
            if durable { try file.synchronize() }
            try rename(temporary, to: path)
        } catch {
            try? unlink(temporary)
            throw error
        }
        if durable { try synchronizeDirectory(directory) }
    }

    /// Makes the names in a directory survive a power cut.
    package static func synchronizeDirectory(_ path: Path) throws(SystemError) {
        try OwnedDescriptor.open(path, O_RDONLY | CLINUX_O_DIRECTORY).synchronize()
    }

    private static func write(_ bytes: [UInt8], to file: borrowing OwnedDescriptor) throws(SystemError) {
        var offset = 0
        while offset < bytes.count {
            offset += try checked("write") {
                bytes.withUnsafeBytes { Glibc.write(file.raw, $0.baseAddress?.advanced(by: offset), $0.count - offset) }
            }
        }
    }
}
