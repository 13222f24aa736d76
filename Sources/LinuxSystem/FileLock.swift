import CLinux
import Glibc

/// An advisory lock on a file, as flock(2) gives it: released when the object goes or the process dies.
package final class FileLock: Sendable {
    private let file: OwnedDescriptor

    private init(_ file: consuming OwnedDescriptor) { self.file = file }

    // Closing alone would not do: a child that is being started on another thread has a copy of the descriptor until it
    // calls exec, and the lock is held as long as any copy is open.
    deinit { _ = clinux_flock(file.raw, LOCK_UN) }

    /// Waits for the lock on `path`, creating the file where there is none.
    package convenience init(_ path: Path, exclusive: Bool = true) throws(SystemError) {
        let file = try OwnedDescriptor.open(path, O_RDWR | O_CREAT, mode: 0o600)
        let number = file.raw
        _ = try checked("flock", path) { clinux_flock(number, exclusive ? LOCK_EX : LOCK_SH) }
        self.init(file)
    }

    /// The lock on `path` if it can be had at once, nil while another holds it.
    package static func attempt(_ path: Path, exclusive: Bool = true) throws(SystemError) -> FileLock? {
        let file = try OwnedDescriptor.open(path, O_RDWR | O_CREAT, mode: 0o600)
        let number = file.raw
        do throws(SystemError) {
            _ = try checked("flock", path) { clinux_flock(number, (exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB) }
        } catch {
            if error.errno == .again { return nil }
            throw error
        }
        return FileLock(file)
    }
}
