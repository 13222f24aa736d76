import Archive
import Glibc
import Layers
import LinuxSystem

/// Writes selected files as files of the disk, for a step to see them through a mount. In a recorded tree links and
/// FIFOs belong to 0:0 there: who else they belong to is known of a step's own tree only.
struct SelectionWriter {
    /// The time of files that have none of their own.
    let time: EngineOptions.CopyTime
    /// How owners, modes and devices are kept.
    let ownership: TreeOwnership

    /// Makes `target`, where nothing is, a copy of a source with all that is below it.
    func write(_ source: CopySelection.Source, to target: Path) throws {
        var firstNames: [CopySelection.Inode: Path] = [:]
        var folders: [(Path, FileTime)] = []
        for file in source.files {
            let path = file.path.isEmpty ? target : target / file.path
            if let inode = file.inode, let first = firstNames[inode] {
                try FileSystem.link(first, to: path)
                continue
            }
            if let inode = file.inode { firstNames[inode] = path }
            try make(file, at: path)
            var modified = file.entry.modified
            if case .constant(let seconds) = time, !file.keepsTime { modified = FileTime(seconds: seconds) }
            // A folder's time is that of the last change in it, until there is none any more.
            if file.entry.type == .directory {
                folders.append((path, modified))
            } else {
                try FileSystem.setModified(path, modified)
            }
        }
        for (path, modified) in folders.reversed() { try FileSystem.setModified(path, modified) }
    }

    private func make(_ file: CopySelection.File, at path: Path) throws {
        let entry = file.entry
        switch entry.type {
        case .directory: try FileSystem.makeDirectory(path, mode: 0o700)
        case .symlink: try FileSystem.symlink(target: entry.linkTarget ?? "", at: path)
        case .regular, .hardLink: try copy(file.content, to: path)
        case .fifo: try FileSystem.makeNode(path, type: .fifo, mode: 0o600)
        case .characterDevice, .blockDevice:
            guard let record = entry.deviceRecord, try ownership.makeDevice(path, place: path, as: record) else {
                return
            }
        }
        try ownership.describe(path, as: entry)
    }

    private func copy(_ content: Path?, to path: Path) throws {
        let file = try OwnedDescriptor.open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600)
        guard let content else { return }
        let source = try OwnedDescriptor.open(content, O_RDONLY | O_NONBLOCK | O_NOFOLLOW)
        try FileSystem.copyContent(of: source, to: file)
    }
}
