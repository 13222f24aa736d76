import Archive
import Glibc
import LinuxSystem

/// Copies one file with all that a layer carries of it.
enum FileCopy {
    /// Makes `target`, which must not exist, a copy of the file `source` (no directory) of this status, in a tree of the
    /// same ownership; the owner of a link in a recorded tree is left to the caller.
    static func copy(_ source: Path, _ status: FileStatus, to target: Path, ownership: TreeOwnership) throws {
        guard status.type != .directory else { throw SystemError("copy", source, errno: .isDirectory) }
        // What nobody listens on is nothing: a name is all that is left of it.
        guard var entry = ArchiveEntry(path: target, status: status) else {
            return try FileSystem.makeNode(target, type: status.type, mode: status.mode)
        }
        var isMade = true
        switch entry.type {
        case .symlink: try FileSystem.symlink(target: FileSystem.readLink(source), at: target)
        case .fifo: try FileSystem.makeNode(target, type: .fifo, mode: 0o600)
        case .characterDevice, .blockDevice:
            guard let record = entry.deviceRecord else { return }
            isMade = try ownership.makeDevice(target, place: target, as: record)
        case .regular, .hardLink, .directory: try copyContent(source, status, to: target)
        }
        if isMade {
            entry.attributes = try LayerAttributes.read(source, ownership: ownership)
            try ownership.describe(target, as: entry)
        }
        try FileSystem.setModified(target, status.modified)
    }

    private static func copyContent(_ source: Path, _ status: FileStatus, to target: Path) throws {
        let original = try OwnedDescriptor.open(source, O_RDONLY | O_NOFOLLOW)
        let file = try OwnedDescriptor.open(target, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600)
        let size = try FileSystem.copyContent(of: original, to: file)
        guard size == status.size else {
            throw LayersError(
                .unstableFile, source, "it had \(status.size) bytes and has \(size): something writes to it")
        }
    }
}
