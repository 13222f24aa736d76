import Archive
import CLinux
import Glibc
import LinuxSystem

extension LayerDisk {
    /// Makes a regular file; `read` gives its content, piece by piece, 0 bytes at the end.
    func makeFile(
        _ entry: ArchiveEntry, _ placement: LayerTree.Placement, through buffer: ReadBuffer,
        _ read: (UnsafeMutableRawBufferPointer) throws -> Int
    ) throws {
        let isHandedOver = try handOver(entry, placement) { memory in
            var filled = 0
            while filled < memory.count {
                let count = try read(UnsafeMutableRawBufferPointer(rebasing: memory[filled...]))
                guard count > 0 else { throw SystemError("write", placement.path, errno: .io) }
                filled += count
            }
        }
        if isHandedOver { return }
        try inDirectory(of: placement.path) { directory, name in
            if placement.previous != nil { try clear(placement, name: name, in: directory.raw) }
            try name.withCString { name in
                try maker.make(entry, name, in: directory) { write in
                    while true {
                        let count = try read(buffer.bytes)
                        if count == 0 { return }
                        try write(UnsafeRawBufferPointer(rebasing: buffer.bytes[..<count]))
                    }
                }
            }
        }
    }

    /// Makes anything but a regular file or a hard link.
    func make(_ entry: ArchiveEntry, _ placement: LayerTree.Placement, tree: LayerTree) throws {
        if entry.attributes.contains(where: { $0.name == LayerAttributes.defaultList }) { try expectDefaultLists() }
        if entry.path.isEmpty { return try describeDirectory(root, entry, at: root.place(of: ".")) }
        try inDirectory(of: placement.path) { directory, name in
            if entry.type == .directory {
                try makeDirectory(entry, placement, name, in: directory, tree: tree)
                return
            }
            try clear(placement, name: name, in: directory.raw)
            try makeOther(entry, name, in: directory)
        }
    }

    /// Makes a symbolic link, FIFO or device where nothing is.
    private func makeOther(_ entry: ArchiveEntry, _ name: Path, in directory: DirectoryHandle) throws {
        let place = directory.place(of: name)
        switch entry.type {
        case .symlink: try FileSystem.symlink(target: entry.linkTarget ?? "", at: name, in: directory.raw)
        case .fifo: try FileSystem.makeNode(name, type: .fifo, mode: 0o600, at: directory.raw)
        case .characterDevice, .blockDevice:
            guard let record = entry.deviceRecord else { return }
            let isReal = try ownership.makeDevice(name, at: directory.raw, place: place, as: record)
            if !isReal { return try FileSystem.setModified(name, entry.modified, at: directory.raw) }
        case .regular, .directory, .hardLink: return
        }
        if ownership == .recorded {
            keepLinkOwner(LinkOwners.Owner(uid: entry.uid, gid: entry.gid), of: entry.path)
        } else if directory.givenOwner.map({ $0 != (entry.uid, entry.gid) }) ?? true {
            try maker.owned(entry) { () throws(SystemError) in
                try FileSystem.setOwner(name, uid: entry.uid, gid: entry.gid, at: directory.raw)
            }
        }
        if entry.type != .symlink {
            // An O_PATH descriptor names the file itself, so a name swapped meanwhile cannot redirect the chmod.
            let file = try openFile(name, CLINUX_O_PATH, in: directory.raw)
            try FileSystem.setMode(Path("/proc/self/fd/\(file.raw)"), entry.mode)
        }
        try maker.setAttributes(entry, of: place)
        try FileSystem.setModified(name, entry.modified, at: directory.raw)
    }

    private func makeDirectory(
        _ entry: ArchiveEntry, _ placement: LayerTree.Placement, _ name: Path, in directory: DirectoryHandle,
        tree: LayerTree
    ) throws {
        let place = directory.place(of: name)
        let fresh = placement.previous == nil && !isShared
        if placement.previous != nil { try settle() }
        let present = fresh ? nil : try FileSystem.statusIfPresent(name, at: directory.raw)
        if present?.type == .directory {
            for stale in try ExtendedAttributes.names(of: place)
            where LayerAttributes.belongs(stale) && !entry.attributes.contains(where: { $0.name == stale }) {
                try ExtendedAttributes.remove(stale, of: place)
            }
        } else {
            if present != nil { try clear(placement, name: name, in: directory.raw) }
            // Its owner must be able to open it; what is more than its mode goes before anything is put into it.
            try FileSystem.makeDirectory(name, mode: UInt32(entry.mode & 0o777 | 0o700), at: directory.raw)
        }
        let flags = CLINUX_O_DIRECTORY | O_RDONLY
        let made = DirectoryHandle(placement.path, try openFile(name, flags, in: directory.raw))
        try describeDirectory(made, entry, at: place, isPresent: present?.type == .directory)
        if let node = tree.node(at: placement.path), tree.nodes[node].opaque { try markOpaque(place) }
        keepOpen(made)
    }

    private func describeDirectory(
        _ directory: DirectoryHandle, _ entry: ArchiveEntry, at place: Path, isPresent: Bool = true
    ) throws {
        // Whom a directory gives what is made in it depends on its mode and group.
        if isPresent {
            try settle()
            directory.givenOwner = nil
        }
        setTimeAtEnd(of: entry.path, entry.modified)
        if !isPresent, ownership != .recorded, entry.attributes.isEmpty {
            let status = try FileSystem.status(".", at: directory.raw)
            let isOwn = status.uid == entry.uid && status.gid == entry.gid
            if isOwn, status.mode == entry.mode { return }
        }
        try maker.describe(directory.raw, entry, at: place)
    }

    /// Gives a file of this layer a further name.
    func makeLink(_ placement: LayerTree.Placement, to source: Path) throws {
        try settle()
        let directory = try directory(source.directory)
        guard let sourceName = source.lastComponent else {
            throw LayersError(.invalidEntry, placement.path, "it is a hard link to the root of the tree")
        }
        try inDirectory(of: placement.path) { target, name in
            try clear(placement, name: name, in: target.raw)
            try FileSystem.link(sourceName, at: directory.raw, to: name, in: target.raw)
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
            try inDirectory(of: placement.path) { try clear(placement, name: $1, in: $0.raw) }
            return
        }
        let missing = LayersError(
            .missingLinkTarget, placement.path,
            "it is a hard link to /\(target), which neither this layer nor those below have")
        guard let targetName = target.lastComponent, !targetName.isSelfReference else { throw missing }
        try settle()
        let flags = CLINUX_O_PATH | CLINUX_O_DIRECTORY
        guard let directory = try? OwnedDescriptor.open(target.directory, flags, inRoot: root.raw),
            let source = try FileSystem.statusIfPresent(targetName, at: directory.raw), source.type != .directory
        else { throw missing }
        try inDirectory(of: placement.path) { target, name in
            if let present = try FileSystem.statusIfPresent(name, at: target.raw), present.inode == source.inode,
                present.device == source.device
            {
                return
            }
            try clear(placement, name: name, in: target.raw)
            try FileSystem.link(targetName, at: directory.raw, to: name, in: target.raw)
        }
        if ownership == .recorded, !TreeOwnership.takesRecord(source.type) {
            keepLinkOwner(of: placement.path, as: try pathInTree(of: directory) / targetName)
        }
    }
}
