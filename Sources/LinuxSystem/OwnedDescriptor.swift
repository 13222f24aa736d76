import CLinux
import Glibc

/// A file descriptor with one owner, closed when the owner goes.
package struct OwnedDescriptor: ~Copyable, Sendable {
    /// The number, valid while `self` lives; do not close it.
    package let raw: CInt

    /// Takes over a descriptor that nobody else will close.
    package init(adopting raw: CInt) { self.raw = raw }

    deinit { close(raw) }

    /// Gives the descriptor away: the caller closes it.
    package consuming func release() -> CInt {
        let number = raw
        discard self
        return number
    }

    /// Opens `path` with `O_*` flags (O_CLOEXEC is always added), relative to `directory`.
    package static func open(
        _ path: Path, _ flags: CInt, mode: UInt32 = 0, at directory: CInt = CLINUX_AT_FDCWD
    ) throws(SystemError) -> OwnedDescriptor {
        let number = try checked("open", path) {
            path.withCString { clinux_openat(directory, $0, flags | O_CLOEXEC, mode) }
        }
        return OwnedDescriptor(adopting: number)
    }

    /// Opens `path` as seen by a process whose root is the directory `root`: neither ".." nor a symbolic link, absolute
    /// or not, leads out of it. See openat2(2), RESOLVE_IN_ROOT.
    package static func open(
        _ path: Path, _ flags: CInt, mode: UInt32 = 0, inRoot root: CInt
    ) throws(SystemError) -> OwnedDescriptor {
        let resolve = UInt64(CLINUX_RESOLVE_IN_ROOT | CLINUX_RESOLVE_NO_MAGICLINKS)
        let target = path.isEmpty ? Path(".") : path
        while true {
            let number = target.withCString {
                clinux_openat2(root, $0, UInt64(UInt32(bitPattern: flags | O_CLOEXEC)), UInt64(mode), resolve)
            }
            if number >= 0 { return OwnedDescriptor(adopting: number) }
            let error = Errno.current
            // EAGAIN: a rename elsewhere raced with the resolution of "..".
            if error != .interrupted, error != .again { throw SystemError("open", path, errno: error) }
        }
    }

    /// The status of the open file.
    package func status() throws(SystemError) -> FileStatus {
        try FileSystem.status("", at: raw, flags: CLINUX_AT_EMPTY_PATH)
    }

    /// Reads at most `buffer.count` bytes; 0 means the end.
    package func read(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        guard buffer.count > 0 else { return 0 }
        return try checked("read") { Glibc.read(raw, buffer.baseAddress, buffer.count) }
    }

    /// Reads at most `buffer.count` bytes at `offset`; 0 means the end. The file position does not move.
    package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(SystemError) -> Int {
        guard buffer.count > 0 else { return 0 }
        return try checked("pread") { pread(raw, buffer.baseAddress, buffer.count, off_t(offset)) }
    }

    /// Writes all bytes, however many calls it takes.
    package func writeAll(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
        var rest = bytes
        while rest.count > 0 {
            let count = try checked("write") { Glibc.write(raw, rest.baseAddress, rest.count) }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    /// Waits until content and metadata are on the disk.
    package func synchronize() throws(SystemError) {
        _ = try checked("fsync") { fsync(raw) }
    }
}
