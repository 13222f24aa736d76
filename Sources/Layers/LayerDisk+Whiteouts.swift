import Archive
import CLinux
import Glibc
import LinuxSystem

extension LayerDisk {
    private static let yes = [UInt8(ascii: "y")]

    /// Does a deletion: a mark for the overlay to see, or the deletion itself. What the same layer has there stays.
    func hide(_ path: Path, tree: LayerTree) throws {
        try settle()
        guard let node = tree.node(at: path) else { return }
        switch tree.nodes[node].kind {
        case .directory, .impliedDirectory:
            try makeOpaque(path, tree: tree)
        case .whiteout:
            try inDirectory(of: path) { directory, name in
                if isShared { return try Self.remove(name, in: directory.raw) }
                if try FileSystem.statusIfPresent(name, at: directory.raw) == nil {
                    do throws(SystemError) {
                        try FileSystem.makeNode(name, type: .characterDevice, mode: 0, at: directory.raw)
                    } catch {
                        guard error.errno == .permission, isOnOverlay(directory.raw) else { throw error }
                    }
                }
            }
        case .symlink, .file, .deferredLink:
            break
        }
    }

    /// Makes a directory hide what is below it: by a mark, or by deleting all that this layer did not put there.
    func makeOpaque(_ path: Path, tree: LayerTree) throws {
        guard isShared else {
            return try markOpaque(try directory(path).place(of: "."))
        }
        try settle()
        guard let top = tree.node(at: path) else { return }
        var pending = [(path: path, node: top)]
        while let next = pending.popLast() {
            let directory = try directory(next.path)
            for entry in try directory.entries() {
                let child = tree.nodes[next.node].children[entry.name]
                if let child, tree.nodes[child].kind.isDirectory {
                    pending.append((next.path / entry.name, child))
                } else if child == nil {
                    try Self.remove(entry.name, in: directory.raw)
                }
            }
        }
    }

    /// Sets the overlay's mark on the directory at this path; without meaning where deletions are done at once.
    func markOpaque(_ path: Path) throws {
        guard case .overlay(let prefix) = form else { return }
        do throws(SystemError) {
            try ExtendedAttributes.set(Array("\(prefix)opaque".utf8), Self.yes, of: path)
        } catch {
            let directory = try OwnedDescriptor.open(path, O_RDONLY | O_DIRECTORY)
            guard error.errno == .permission, isOnOverlay(directory.raw) else { throw error }
        }
    }

    /// Whether an overlay holds the layer, as in an ordinary container. It keeps the marks of overlays for itself, and no
    /// other can be mounted of what lies on it; so they are left out. Those who read such a layer ask for names that the
    /// merged tree has, and find the topmost.
    private func isOnOverlay(_ directory: CInt) -> Bool {
        clinux_file_system_type(directory) == 0x794c_7630
    }
}
