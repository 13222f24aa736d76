import Archive
import LinuxSystem

/// The tree that the entries of one layer make, known before anything touches a disk: it decides where each entry
/// goes, what it replaces and which directories are implied, for unpacking and for tables of contents alike.
///
/// A path through a symbolic link of the same layer goes where the link leads inside the tree; links of layers below
/// are not known here, and an implied directory takes their place, as with Docker's overlay driver.
struct LayerTree {
    /// What a name stands for.
    enum Kind: Hashable {
        /// A directory that only the paths of other entries imply.
        case impliedDirectory
        case directory
        case symlink(Path)
        /// Any other file.
        case file
        /// A hard link to a file of the layers below.
        case deferredLink(Path)
        /// Deleted from the layers below.
        case whiteout

        var isDirectory: Bool { self == .directory || self == .impliedDirectory }
    }

    struct Node {
        var kind: Kind
        var name: Path
        var parent: Int
        /// Index into `files`; -1 for what has no entry of its own. Shared by the names of a hard-linked file.
        var file = -1
        var opaque = false
        /// True when another took its name, so that it is part of the tree no more.
        var isReplaced = false
        var children: [Path: Int] = [:]
    }

    /// Where an entry goes.
    struct Placement {
        /// Its path with the symbolic links of the layer resolved.
        var path: Path
        /// The directory that holds it, and its name there; both "" for the root.
        var directory: Path = ""
        var name: Path = ""
        /// Directories to make first, outermost first.
        var implied: [Path]
        /// What the same layer had there before.
        var previous: Kind?
    }

    private(set) var nodes = [Node(kind: .impliedDirectory, name: "", parent: -1)]
    private(set) var files: [ArchiveEntry] = []
    let depthLimit: Int

    init(depthLimit: Int) { self.depthLimit = depthLimit }

    /// The directory that was found last: entries of one directory come together.
    private var lastDirectory: (path: Path, node: Int) = ("", 0)

    /// The node at a path whose parents are directories.
    func node(at path: Path) -> Int? {
        if path == lastDirectory.path { return lastDirectory.node }
        var index = 0
        for component in path.components {
            guard let next = nodes[index].children[component] else { return nil }
            index = next
        }
        return index
    }

    /// Places an entry that is no hard link; `entry.path` is relative, without "..".
    mutating func place(_ entry: ArchiveEntry) throws -> Placement {
        if entry.path.isEmpty {
            guard entry.type == .directory else {
                throw LayersError(
                    .invalidEntry, "/", "the layer makes the root of the tree something else than a directory")
            }
            attach(entry, to: 0)
            nodes[0].kind = .directory
            return Placement(path: "", implied: [], previous: .directory)
        }
        var (placement, parent, name) = try locate(entry.path)
        var placed = entry
        placed.path = placement.path
        let existing = nodes[parent].children[name]
        placement.previous = existing.map { nodes[$0].kind }
        if entry.type == .directory, let existing, nodes[existing].kind.isDirectory {
            attach(placed, to: existing)
            nodes[existing].kind = .directory
            return placement
        }
        let kind: Kind =
            switch entry.type {
            case .directory: .directory
            case .symlink: .symlink(entry.linkTarget ?? "")
            default: .file
            }
        let new = insert(Node(kind: kind, name: name, parent: parent))
        // A directory in the place of what this layer deleted shows nothing of what was deleted.
        if kind == .directory, placement.previous == .whiteout { nodes[new].opaque = true }
        attach(placed, to: new)
        return placement
    }

    /// Places a hard link. Returns the target's path when the layer itself has it, or nil when the link is deferred.
    mutating func link(_ path: Path, to target: Path) throws -> (placement: Placement, target: Path?) {
        var (placement, parent, name) = try locate(path)
        let resolved = try walk.resolve(target, followingLast: false)
        let existing = nodes[parent].children[name]
        placement.previous = existing.map { nodes[$0].kind }
        guard let source = node(at: resolved), nodes[source].kind != .whiteout else {
            _ = insert(Node(kind: .deferredLink(resolved), name: name, parent: parent))
            return (placement, nil)
        }
        let found = nodes[source]
        guard !found.kind.isDirectory else {
            throw LayersError(.invalidEntry, path, "it is a hard link to /\(resolved), which is a directory")
        }
        if source == existing { return (placement, resolved) }
        _ = insert(Node(kind: found.kind, name: name, parent: parent, file: found.file))
        if case .deferredLink = found.kind { return (placement, nil) }
        return (placement, resolved)
    }

    /// Records a deletion. `previous` tells what the same layer has at the path: that stays.
    mutating func whiteout(_ path: Path) throws -> Placement {
        var (placement, parent, name) = try locate(path)
        if let existing = nodes[parent].children[name] {
            placement.previous = nodes[existing].kind
            if nodes[existing].kind.isDirectory { nodes[existing].opaque = true }
        } else {
            _ = insert(Node(kind: .whiteout, name: name, parent: parent))
        }
        return placement
    }

    /// Makes a directory hide what is below it.
    mutating func opaque(_ path: Path) throws -> Placement {
        if path.isEmpty {
            nodes[0].opaque = true
            return Placement(path: "", implied: [], previous: .directory)
        }
        var (placement, parent, name) = try locate(path)
        let existing = nodes[parent].children[name]
        placement.previous = existing.map { nodes[$0].kind }
        switch placement.previous {
        case .directory, .impliedDirectory:
            if let existing { nodes[existing].opaque = true }
        case nil, .whiteout:
            let new = insert(Node(kind: .impliedDirectory, name: name, parent: parent))
            nodes[new].opaque = true
            placement.implied.append(placement.path)
        default:
            throw LayersError(.invalidWhiteout, path, "the layer marks it as an opaque directory, but it is none")
        }
        return placement
    }

    // MARK: Parts

    private var walk: SymlinkWalk {
        SymlinkWalk { path in
            guard let index = self.node(at: path) else { return .missing }
            switch self.nodes[index].kind {
            case .directory, .impliedDirectory: return .directory
            case .symlink(let target): return .symlink(target)
            case .file, .deferredLink: return .other
            case .whiteout: return .missing
            }
        }
    }

    /// Finds the directory of a path, making what is missing of it.
    private mutating func locate(_ path: Path) throws -> (Placement, parent: Int, name: Path) {
        guard let name = path.lastComponent else {
            throw LayersError(.invalidEntry, "/", "the root of the tree cannot be a link or be deleted")
        }
        var implied: [Path] = []
        let direct = path.directory
        guard path.bytes.count(where: { $0 == UInt8(ascii: "/") }) < depthLimit else { throw tooDeep(path) }
        if let parent = directoryNode(at: direct) {
            lastDirectory = (direct, parent)
            return (Placement(path: path, directory: direct, name: name, implied: []), parent, name)
        }
        let directory = try walk.resolve(direct, followingLast: true)
        var index = 0
        var here: Path = ""
        let components = directory.components
        guard components.count < depthLimit else { throw tooDeep(path) }
        for component in components {
            here = here / component
            if let next = nodes[index].children[component], nodes[next].kind.isDirectory {
                index = next
                continue
            }
            if let next = nodes[index].children[component], nodes[next].kind != .whiteout {
                throw LayersError(.invalidEntry, path, "/\(here) is a file, but the path uses it as a directory")
            }
            let replacesWhiteout = nodes[index].children[component] != nil
            index = insert(Node(kind: .impliedDirectory, name: component, parent: index))
            nodes[index].opaque = replacesWhiteout
            implied.append(here)
        }
        return (Placement(path: here / name, directory: here, name: name, implied: implied), index, name)
    }

    private func tooDeep(_ path: Path) -> LayersError {
        LayersError(.limit, path, "it lies more than \(depthLimit) directories deep")
    }

    /// The node at a path that leads through directories only and is one.
    private func directoryNode(at path: Path) -> Int? {
        guard let index = node(at: path), nodes[index].kind.isDirectory else { return nil }
        return index
    }

    private mutating func insert(_ node: Node) -> Int {
        // A replaced directory takes all below it along.
        if let old = nodes[node.parent].children.updateValue(nodes.count, forKey: node.name) {
            nodes[old].isReplaced = true
            if nodes[old].kind.isDirectory { lastDirectory = ("", 0) }
        }
        nodes.append(node)
        return nodes.count - 1
    }

    private mutating func attach(_ entry: ArchiveEntry, to node: Int) {
        files.append(entry)
        nodes[node].file = files.count - 1
    }
}
