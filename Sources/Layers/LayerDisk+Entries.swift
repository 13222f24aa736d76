import Archive
import CLinux
import Glibc
import LinuxSystem

extension LayerDisk {
    /// Makes a regular file; `produce` writes its content through the function it is given.
    func makeFile(
        _ entry: ArchiveEntry, _ placement: LayerTree.Placement,
        _ produce: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void
    ) throws {
        try inDirectory(of: placement.path) { directory, name in
            try clear(placement, name: name, in: directory)
            let file = try OwnedDescriptor.open(
                name, O_WRONLY | O_CREAT | O_EXCL | CLINUX_O_NOFOLLOW, mode: 0o600, at: directory)
            var writer = SparseWriter(file: file.raw, size: entry.size)
            try produce { try writer.write($0) }
            try writer.finish()
            try setMetadata(of: file, entry, attributes: Path("/proc/self/fd/\(directory)") / name)
            try setModified(entry.modified, of: file, placement.path)
        }
    }

    /// Makes anything but a regular file or a hard link.
    func make(_ entry: ArchiveEntry, _ placement: LayerTree.Placement, tree: LayerTree) throws {
        if entry.path.isEmpty {
            let directory = try openDirectory("")
            return try describeDirectory(directory, entry, attributes: Path("/proc/self/fd/\(directory.raw)/."))
        }
        try inDirectory(of: placement.path) { directory, name in
            if entry.type == .directory {
                try makeDirectory(entry, placement, name, in: directory, tree: tree)
                return
            }
            try clear(placement, name: name, in: directory)
            switch entry.type {
            case .symlink: try FileSystem.symlink(target: entry.linkTarget ?? "", at: name, in: directory)
            case .fifo: try FileSystem.makeNode(name, type: .fifo, mode: 0o600, at: directory)
            case .characterDevice, .blockDevice:
                let type: FileType = entry.type == .blockDevice ? .blockDevice : .characterDevice
                try FileSystem.makeNode(name, type: type, mode: 0o600, device: entry.device, at: directory)
            case .regular, .directory, .hardLink: return
            }
            try FileSystem.setOwner(name, uid: entry.uid, gid: entry.gid, at: directory)
            if entry.type != .symlink {
                // An O_PATH descriptor names the file itself, so a name swapped meanwhile cannot redirect the chmod.
                let file = try openFile(name, CLINUX_O_PATH, in: directory)
                try FileSystem.setMode(Path("/proc/self/fd/\(file.raw)"), entry.mode)
            }
            try setAttributes(entry, of: Path("/proc/self/fd/\(directory)") / name)
            try FileSystem.setModified(name, entry.modified, at: directory)
        }
    }

    private func makeDirectory(
        _ entry: ArchiveEntry, _ placement: LayerTree.Placement, _ name: Path, in directory: CInt, tree: LayerTree
    ) throws {
        let attributes = Path("/proc/self/fd/\(directory)") / name
        let fresh = placement.previous == nil && !isShared
        let present = fresh ? nil : try FileSystem.statusIfPresent(name, at: directory)
        if present?.type == .directory {
            for stale in try ExtendedAttributes.names(of: attributes)
            where LayerAttributes.belongs(stale) && !entry.attributes.contains(where: { $0.name == stale }) {
                try ExtendedAttributes.remove(stale, of: attributes)
            }
        } else {
            if present != nil { try remove(name, in: directory) }
            try FileSystem.makeDirectory(name, mode: 0o700, at: directory)
        }
        let made = try openFile(name, CLINUX_O_DIRECTORY | O_RDONLY, in: directory)
        try describeDirectory(made, entry, attributes: attributes)
        if let node = tree.node(at: placement.path), tree.nodes[node].opaque { try markOpaque(attributes) }
    }

    private func describeDirectory(
        _ directory: borrowing OwnedDescriptor, _ entry: ArchiveEntry, attributes: Path
    ) throws {
        try setMetadata(of: directory, entry, attributes: attributes)
        setTimeAtEnd(of: entry.path, entry.modified)
    }

    /// Owner before mode and capabilities: a change of owner clears both.
    private func setMetadata(of file: borrowing OwnedDescriptor, _ entry: ArchiveEntry, attributes: Path) throws {
        let raw = file.raw
        _ = try checked("chown", entry.path) { fchown(raw, entry.uid, entry.gid) }
        _ = try checked("chmod", entry.path) { fchmod(raw, UInt32(entry.mode)) }
        try setAttributes(entry, of: attributes)
    }

    private func setAttributes(_ entry: ArchiveEntry, of path: Path) throws {
        for attribute in entry.attributes {
            do throws(SystemError) {
                try ExtendedAttributes.set(attribute.name, attribute.value, of: path)
            } catch {
                // The kernel keeps user attributes for files and directories only; a layer that has one elsewhere
                // asks for what no file system can give.
                let isUser = attribute.name.starts(with: Array("user.".utf8))
                let isPlain = entry.type == .regular || entry.type == .directory
                if isUser, !isPlain, error.errno == .permission { continue }
                throw SystemError(error.operation, entry.path, errno: error.errno)
            }
        }
    }

    /// Gives a file of this layer a further name.
    func makeLink(_ placement: LayerTree.Placement, to source: Path) throws {
        let directory = try openDirectory(source.directory)
        guard let sourceName = source.lastComponent else {
            throw LayersError(.invalidEntry, placement.path, "it is a hard link to the root of the tree")
        }
        try inDirectory(of: placement.path) { target, name in
            try clear(placement, name: name, in: target)
            try FileSystem.link(sourceName, at: directory.raw, to: name, in: target)
        }
    }

    /// A hard link to what is not in this layer: in a shared tree the file must be there; otherwise the link is made
    /// when the layers below are known.
    func makeDeferredLink(_ placement: LayerTree.Placement, to target: Path) throws {
        guard isShared else {
            try inDirectory(of: placement.path) { try clear(placement, name: $1, in: $0) }
            return
        }
        let missing = LayersError(
            .missingLinkTarget, placement.path,
            "it is a hard link to /\(target), which neither this layer nor those below have")
        guard let targetName = target.lastComponent, !targetName.isSelfReference else { throw missing }
        let flags = CLINUX_O_PATH | CLINUX_O_DIRECTORY
        guard let directory = try? OwnedDescriptor.open(target.directory, flags, inRoot: root.raw),
            let source = try FileSystem.statusIfPresent(targetName, at: directory.raw), source.type != .directory
        else { throw missing }
        try inDirectory(of: placement.path) { target, name in
            if let present = try FileSystem.statusIfPresent(name, at: target), present.inode == source.inode,
                present.device == source.device
            {
                return
            }
            try clear(placement, name: name, in: target)
            try FileSystem.link(targetName, at: directory.raw, to: name, in: target)
        }
    }
}
