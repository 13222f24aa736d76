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
            let place = Path("/proc/self/fd/\(directory)") / name
            switch entry.type {
            case .symlink: try FileSystem.symlink(target: entry.linkTarget ?? "", at: name, in: directory)
            case .fifo: try FileSystem.makeNode(name, type: .fifo, mode: 0o600, at: directory)
            case .characterDevice, .blockDevice:
                guard let record = entry.deviceRecord else { return }
                let isReal = try ownership.makeDevice(name, at: directory, place: place, as: record)
                if !isReal { return try FileSystem.setModified(name, entry.modified, at: directory) }
            case .regular, .directory, .hardLink: return
            }
            if ownership == .recorded {
                keepLinkOwner(LinkOwners.Owner(uid: entry.uid, gid: entry.gid), of: placement.path)
            } else {
                try owned(entry) { () throws(SystemError) in
                    try FileSystem.setOwner(name, uid: entry.uid, gid: entry.gid, at: directory)
                }
            }
            if entry.type != .symlink {
                // An O_PATH descriptor names the file itself, so a name swapped meanwhile cannot redirect the chmod.
                let file = try openFile(name, CLINUX_O_PATH, in: directory)
                try FileSystem.setMode(Path("/proc/self/fd/\(file.raw)"), entry.mode)
            }
            try setAttributes(entry, of: place)
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

    /// Owner before mode and capabilities: a change of owner clears both. A record is an attribute, and comes before a
    /// mode that forbids its owner to write.
    private func setMetadata(of file: borrowing OwnedDescriptor, _ entry: ArchiveEntry, attributes: Path) throws {
        let raw = file.raw
        guard ownership == .recorded else {
            try owned(entry) { () throws(SystemError) in
                _ = try checked("chown", entry.path) { fchown(raw, entry.uid, entry.gid) }
            }
            _ = try checked("chmod", entry.path) { fchmod(raw, UInt32(entry.mode)) }
            return try setAttributes(entry, of: attributes)
        }
        let type: FileType = entry.type == .directory ? .directory : .regular
        _ = try checked("chmod", entry.path) { fchmod(raw, type == .directory ? 0o700 : 0o600) }
        try setAttributes(entry, of: attributes)
        try ownership.record(mode: entry.mode, uid: entry.uid, gid: entry.gid, of: type, at: attributes)
        _ = try checked("chmod", entry.path) { fchmod(raw, UInt32(ownership.inodeMode(entry.mode, of: type))) }
    }

    /// Changes an owner; in a user namespace there are numbers that nobody has.
    private func owned(_ entry: ArchiveEntry, _ change: () throws(SystemError) -> Void) throws {
        do throws(SystemError) {
            try change()
        } catch {
            guard ownership == .mapped, error.errno == .invalid else { throw error }
            throw LayersError(
                .unmappedOwner, entry.path,
                "it belongs to \(entry.uid):\(entry.gid), and the subordinate ids of this user end before: give the user "
                    + "more of them in /etc/subuid and /etc/subgid, or use --isolation single")
        }
    }

    private func setAttributes(_ entry: ArchiveEntry, of path: Path) throws {
        do throws(SystemError) {
            try ownership.setAttributes(entry, of: path)
        } catch {
            throw SystemError(error.operation, entry.path, errno: error.errno)
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
            keepLinkOwner(of: placement.path, as: source)
        }
    }

    /// The path of an open directory from the root of the tree, whatever links led there.
    private func pathInTree(of directory: borrowing OwnedDescriptor) throws(SystemError) -> Path {
        let top = try FileSystem.readLink(Path("/proc/self/fd/\(root.raw)"))
        let place = try FileSystem.readLink(Path("/proc/self/fd/\(directory.raw)"))
        return place.hasPrefix(top) ? Path(bytes: place.bytes.dropFirst(top.bytes.count + 1)) : place
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
        if ownership == .recorded, !TreeOwnership.takesRecord(source.type) {
            keepLinkOwner(of: placement.path, as: try pathInTree(of: directory) / targetName)
        }
    }
}
