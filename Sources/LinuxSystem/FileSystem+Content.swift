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
        var content: [UInt8] = []
        content.reserveCapacity(Int(clamping: min(status.size, Int64(limit))))
        var chunk = [UInt8](repeating: 0, count: 128 << 10)
        while true {
            let count: Int
            do throws(SystemError) {
                count = try checked("read", path) {
                    chunk.withUnsafeMutableBytes { read(file.raw, $0.baseAddress, $0.count) }
                }
            } catch {
                guard error.errno == .again else { throw error }
                // A FIFO whose writer is there and has not written yet, as of a shell's `<(command)`.
                var poll = pollfd(fd: file.raw, events: Int16(POLLIN), revents: 0)
                _ = try checked("poll", path) { Glibc.poll(&poll, 1, -1) }
                continue
            }
            if count == 0 { return content }
            guard content.count + count <= limit else { throw SystemError("read", path, errno: Errno(code: EFBIG)) }
            content.append(contentsOf: chunk[..<count])
        }
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
