import CLinux
import Glibc

/// One name in a directory.
package struct DirectoryEntry: Hashable, Sendable {
    /// The name, a single component.
    package let name: Path
    /// Its type where the file system tells it without a further call.
    package let type: FileType?
}

/// Reads directories by getdents64(2): names in any bytes, no locale, no allocation per `readdir`.
package enum DirectoryListing {
    /// The entries of an open directory, in the file system's order, without "." and "..".
    package static func entries(of directory: borrowing OwnedDescriptor) throws(SystemError) -> [DirectoryEntry] {
        let raw = directory.raw
        _ = try checked("lseek") { lseek(raw, 0, SEEK_SET) }
        var found: [DirectoryEntry] = []
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 32 << 10, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let filled = try checked("getdents") { clinux_getdents(raw, buffer.baseAddress, buffer.count) }
            if filled == 0 { return found }
            var offset = 0
            while offset < filled {
                let record = UnsafeRawPointer(buffer.baseAddress.unsafelyUnwrapped + offset)
                offset += Int(clinux_dirent_length(record))
                let name = clinux_dirent_name(record).unsafelyUnwrapped
                let length = strlen(name)
                let bytes = UnsafeRawBufferPointer(start: name, count: length)
                if bytes.elementsEqual([0x2E]) || bytes.elementsEqual([0x2E, 0x2E]) { continue }
                let type = FileType(mode: UInt32(clinux_dirent_type(record)) << 12)
                found.append(DirectoryEntry(name: Path(bytes: bytes), type: type))
            }
        }
    }

    /// The entries of the directory that `path` names.
    package static func entries(at path: Path) throws(SystemError) -> [DirectoryEntry] {
        try entries(of: OwnedDescriptor.open(path, O_RDONLY | CLINUX_O_DIRECTORY))
    }
}
