import LinuxSystem

/// Writes a layer that has nothing but mount points. A directory that the tree has already is repeated with all its
/// attributes, because the topmost layer's are the ones that show.
struct StubLayer {
    private let tree: LayeredTree
    private let root: Path
    private var times: [(Path, FileTime)] = []

    /// Attributes under these prefixes belong to the overlay that the directory is in, not to the directory.
    private static let overlayPrefixes = ["trusted.overlay.", "user.overlay."].map { Array($0.utf8) }

    /// Fills the directory `root`, which is empty.
    static func write(_ missing: [TreeLayout.MountPoint], of tree: LayeredTree, to root: Path) throws(SystemError) {
        var layer = StubLayer(tree: tree, root: root)
        for point in missing { try layer.add(point) }
        for (path, time) in layer.times.reversed() { try FileSystem.setModified(path, time) }
    }

    private init(tree: LayeredTree, root: Path) {
        self.tree = tree
        self.root = root
    }

    private mutating func add(_ point: TreeLayout.MountPoint) throws(SystemError) {
        var node = LayeredTree.Node.directory(tree.layers)
        var place = root
        let names = point.path.components
        for (index, name) in names.enumerated() {
            place = place / name
            if case .directory(let directories) = node { node = try tree.child(name, of: directories) }
            if FileSystem.exists(place) { continue }
            if index == names.count - 1, !point.isDirectory {
                try FileSystem.writeFile(place, [], mode: 0o644)
                continue
            }
            try FileSystem.makeDirectory(place)
            try FileSystem.setMode(place, 0o755)
            if case .directory(let directories) = node, let original = directories.first {
                try copyAttributes(of: original, to: place)
            }
        }
    }

    private mutating func copyAttributes(of original: Path, to copy: Path) throws(SystemError) {
        let status = try FileSystem.status(original)
        try FileSystem.setOwner(copy, uid: status.uid, gid: status.gid)
        try FileSystem.setMode(copy, status.mode)
        for name in try ExtendedAttributes.names(of: original) {
            if Self.overlayPrefixes.contains(where: { name.starts(with: $0) }) { continue }
            if let value = try ExtendedAttributes.value(name, of: original) {
                try ExtendedAttributes.set(name, value, of: copy)
            }
        }
        times.append((copy, status.modified))
    }
}
