import CLinux
import Glibc

/// The names in one directory in byte order, in one piece of memory: in a tree of many thousand files an array for each
/// name would cost more than the system calls.
package struct SortedNames: Sendable {
    private struct Place {
        var start: Int
        var length: Int
        var type: FileType?
    }

    /// The names one after another, each ended by NUL.
    private var bytes: [UInt8] = []
    private var places: [Place] = []

    /// Reads an open directory from its beginning; "." and ".." are left out.
    package init(of directory: borrowing OwnedDescriptor) throws(SystemError) {
        let raw = directory.raw
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 32 << 10, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let filled = try checked("getdents") { clinux_getdents(raw, buffer.baseAddress, buffer.count) }
            if filled == 0 { break }
            var offset = 0
            while offset < filled {
                let record = UnsafeRawPointer(buffer.baseAddress.unsafelyUnwrapped + offset)
                offset += Int(clinux_dirent_length(record))
                let name = clinux_dirent_name(record).unsafelyUnwrapped
                let length = strlen(name)
                let isDot = name[0] == 0x2E && (length == 1 || length == 2 && name[1] == 0x2E)
                if isDot { continue }
                places.append(
                    Place(
                        start: bytes.count, length: length,
                        type: FileType(mode: UInt32(clinux_dirent_type(record)) << 12)))
                bytes.append(contentsOf: UnsafeRawBufferPointer(start: name, count: length + 1))
            }
        }
        bytes.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            places.sort { left, right in
                // The NUL at the end of a shorter name is less than any byte of a longer one.
                memcmp(base + left.start, base + right.start, min(left.length, right.length) + 1) < 0
            }
        }
    }

    /// How many names there are.
    package var count: Int { places.count }

    /// The type of the file of that name, where the file system tells it without a further call.
    package func type(_ index: Int) -> FileType? { places[index].type }

    /// Calls `body` with the bytes of a name, after which there is a NUL.
    package func withName<R>(_ index: Int, _ body: (UnsafeRawBufferPointer) throws(SystemError) -> R)
        throws(SystemError)
        -> R
    {
        let place = places[index]
        let outcome: Result<R, SystemError> = bytes.withUnsafeBytes { bytes in
            let name = UnsafeRawBufferPointer(rebasing: bytes[place.start..<place.start + place.length])
            do throws(SystemError) { return .success(try body(name)) } catch { return .failure(error) }
        }
        return try outcome.get()
    }

    /// The status of the file of that name in `directory`, which need not be open any more where it was read from; nil
    /// where there is none any more. A symbolic link is not followed.
    package func status(_ index: Int, in directory: borrowing OwnedDescriptor) throws(SystemError) -> FileStatus? {
        let raw = directory.raw
        return try withName(index) { name throws(SystemError) in
            try FileSystem.statusIfPresent(name, at: raw)
        }
    }

    /// The path of a name in a folder.
    package func path(_ index: Int, in folder: Path) -> Path {
        let place = places[index]
        var path: [UInt8] = []
        path.reserveCapacity(folder.bytes.count + 1 + place.length)
        path.append(contentsOf: folder.bytes)
        if let last = path.last, last != UInt8(ascii: "/") { path.append(UInt8(ascii: "/")) }
        path.append(contentsOf: bytes[place.start..<place.start + place.length])
        return Path(unchecked: path)
    }
}

extension FileSystem {
    /// The status of the file whose name is in `name`, with a NUL after it; nil where there is none.
    static func statusIfPresent(
        _ name: UnsafeRawBufferPointer, at directory: CInt
    ) throws(SystemError) -> FileStatus? {
        var raw = clinux_status()
        let text = name.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: CChar.self)
        while clinux_status(directory, text, CLINUX_AT_SYMLINK_NOFOLLOW, &raw) != 0 {
            let error = Errno.current
            if error == .noEntry { return nil }
            if error != .interrupted { throw SystemError("stat", Path(bytes: name), errno: error) }
        }
        guard let status = FileStatus(raw) else { throw SystemError("stat", Path(bytes: name), errno: .invalid) }
        return status
    }
}
