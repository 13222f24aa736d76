import CLinux
import Glibc

/// An error number of the kernel; see errno(3).
package struct Errno: Error, Hashable, Sendable {
    /// The number as in `errno.h`.
    package let code: CInt

    /// Wraps a number of `errno.h`.
    package init(code: CInt) { self.code = code }

    /// The calling thread's `errno`: read it at once after the call that failed.
    package static var current: Errno { Errno(code: errno) }

    package static let noEntry = Errno(code: ENOENT)
    package static let exists = Errno(code: EEXIST)
    package static let notEmpty = Errno(code: ENOTEMPTY)
    package static let permission = Errno(code: EPERM)
    package static let accessDenied = Errno(code: EACCES)
    package static let notDirectory = Errno(code: ENOTDIR)
    package static let isDirectory = Errno(code: EISDIR)
    package static let loop = Errno(code: ELOOP)
    package static let invalid = Errno(code: EINVAL)
    package static let busy = Errno(code: EBUSY)
    package static let noSpace = Errno(code: ENOSPC)
    package static let quota = Errno(code: EDQUOT)
    package static let notSupported = Errno(code: EOPNOTSUPP)
    package static let noData = Errno(code: ENODATA)
    package static let range = Errno(code: ERANGE)
    package static let crossDevice = Errno(code: EXDEV)
    package static let interrupted = Errno(code: EINTR)
    package static let again = Errno(code: EAGAIN)
    package static let nameTooLong = Errno(code: ENAMETOOLONG)
    package static let noSystemCall = Errno(code: ENOSYS)
    package static let readOnly = Errno(code: EROFS)
    package static let io = Errno(code: EIO)
    package static let brokenPipe = Errno(code: EPIPE)
}

extension Errno: CustomStringConvertible {
    /// The kernel's words for it, as `strerror` gives them.
    package var description: String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
        return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

/// A system call that failed: what was tried, on which path, and why it was refused.
package struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The operation in the field's own words, usually the system call's name.
    package let operation: String
    /// The path that it was about, where there was one.
    package let path: Path?
    /// The kernel's answer.
    package let errno: Errno

    /// A failure of `operation`; `errno` defaults to the calling thread's.
    package init(_ operation: String, _ path: Path? = nil, errno: Errno = .current) {
        self.operation = operation
        self.path = path
        self.errno = errno
    }

    package var description: String {
        if let path { return "\(operation) \(path): \(errno)" }
        return "\(operation): \(errno)"
    }
}

/// Repeats a call that returns -1 with EINTR, and throws what else it fails with.
@inline(__always)
package func checked<I: SignedInteger>(
    _ operation: @autoclosure () -> String, _ path: @autoclosure () -> Path? = nil, _ call: () -> I
) throws(SystemError) -> I {
    while true {
        let result = call()
        if result != -1 { return result }
        let error = Errno.current
        if error != .interrupted { throw SystemError(operation(), path(), errno: error) }
    }
}
