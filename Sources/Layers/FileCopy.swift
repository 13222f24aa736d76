import Archive
import Glibc
import LinuxSystem

/// Copies one file with all that a layer carries of it.
enum FileCopy {
    /// Makes `target`, which must not exist, a copy of the file `source` (not a directory) of this status.
    static func copy(_ source: Path, _ status: FileStatus, to target: Path) throws {
        switch status.type {
        case .regular: try copyContent(source, status, to: target)
        case .symlink: try FileSystem.symlink(target: FileSystem.readLink(source), at: target)
        case .fifo, .characterDevice, .blockDevice, .socket:
            try FileSystem.makeNode(target, type: status.type, mode: 0o600, device: status.deviceNumber)
        case .directory: throw SystemError("copy", source, errno: .isDirectory)
        }
        try FileSystem.setOwner(target, uid: status.uid, gid: status.gid)
        if status.type != .symlink { try FileSystem.setMode(target, status.mode) }
        for attribute in try LayerAttributes.read(source) {
            try ExtendedAttributes.set(attribute.name, attribute.value, of: target)
        }
        try FileSystem.setModified(target, status.modified)
    }

    private static func copyContent(_ source: Path, _ status: FileStatus, to target: Path) throws {
        let reader = FileByteReader(adopting: try OwnedDescriptor.open(source, O_RDONLY | O_NOFOLLOW))
        let file = try OwnedDescriptor.open(target, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600)
        let buffer = ReadBuffer(count: 512 << 10)
        var writer = SparseWriter(file: file.raw, size: status.size)
        while true {
            let count = try reader.read(into: buffer.bytes)
            if count == 0 { break }
            try writer.write(UnsafeRawBufferPointer(rebasing: buffer.bytes[..<count]))
        }
        try writer.finish()
    }
}
