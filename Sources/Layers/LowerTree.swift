import CLinux
import Glibc
import LinuxSystem
import Synchronization

/// The merged view of unpacked layers, as an overlay mount of them would show it, read without mounting.
///
/// The layers are our own snapshots and nobody writes to them, so a path whose components were found to be
/// directories stays one.
package struct LowerTree: Sendable {
    /// A directory of the view: which layers contribute to it.
    struct Directory: Hashable {
        var path: Path
        /// Indices of the layers, topmost first.
        var layers: [Int]
    }

    /// What the view has under a name.
    struct Found {
        var layer: Int
        var status: FileStatus
        /// For a directory, what it merges.
        var directory: Directory?
    }

    /// The layers' directories, topmost first.
    package let layers: [Path]
    let opaqueName: [UInt8]
    /// How the layers keep owners, modes and devices; what is found is told as it is meant.
    let ownership: TreeOwnership
    private let linkOwners: LinkOwnersCache
    private let memory = DirectoryMemory()

    /// The view of these directories, topmost first.
    package init(
        _ layers: [Path], attributePrefix: String = "trusted.overlay.", ownership: TreeOwnership = .real
    ) {
        self.layers = layers
        self.ownership = ownership
        opaqueName = Array("\(attributePrefix)opaque".utf8)
        linkOwners = LinkOwnersCache(roots: ownership == .recorded ? layers : [])
    }

    /// The root of the view. Found once: every lookup begins with it, and all layers are asked for it.
    private func root() throws -> Found? {
        if let known = memory[""] { return known }
        guard let top = layers.first else { return nil }
        var contributing: [Int] = []
        for (index, layer) in layers.enumerated() {
            contributing.append(index)
            if try isOpaque(layer) { break }
        }
        let root = Found(
            layer: 0, status: try ownership.status(top), directory: Directory(path: "", layers: contributing))
        memory[""] = root
        return root
    }

    /// What a directory of the view has under a single name.
    func lookup(_ name: Path, in directory: Directory) throws -> Found? {
        let path = directory.path / name
        var found: Found?
        for layer in directory.layers {
            let place = layers[layer] / path
            guard let status = try FileSystem.statusIfPresent(place) else { continue }
            if status.isWhiteout { break }
            guard status.type == .directory else {
                if found == nil {
                    found = Found(layer: layer, status: try truth(of: status, path, layer), directory: nil)
                }
                break
            }
            if found == nil {
                let meant = try truth(of: status, path, layer)
                found = Found(layer: layer, status: meant, directory: Directory(path: path, layers: [layer]))
            } else {
                found?.directory?.layers.append(layer)
            }
            if try isOpaque(place) { break }
        }
        return found
    }

    /// What the view has at a path that leads through directories only. Each of these is looked for once: all the layers
    /// are asked, and there may be hundreds.
    func lookup(_ path: Path) throws -> Found? {
        guard var found = try root() else { return nil }
        for component in path.components {
            guard let directory = found.directory else { return nil }
            let place = directory.path / component
            if let known = memory[place] {
                found = known
                continue
            }
            guard let next = try lookup(component, in: directory) else { return nil }
            if next.directory != nil { memory[place] = next }
            found = next
        }
        return found
    }

    /// What the inode of this status, at this path of a layer, is meant to be.
    private func truth(of real: FileStatus, _ path: Path, _ layer: Int) throws -> FileStatus {
        let status = try ownership.truth(of: real, at: layers[layer] / path)
        guard ownership == .recorded, !TreeOwnership.takesRecord(real.type) else { return status }
        return try linkOwners.of(layer).completing(status, at: path)
    }

    /// The names in a directory of the view.
    func names(in directory: Directory) throws -> Set<Path> {
        var names: Set<Path> = []
        var hidden: Set<Path> = []
        for layer in directory.layers {
            let place = layers[layer] / directory.path
            var whiteouts: [Path] = []
            for entry in try DirectoryListing.entries(at: place) where !hidden.contains(entry.name) {
                if entry.type == nil || entry.type == .characterDevice,
                    try FileSystem.status(place / entry.name).isWhiteout
                {
                    whiteouts.append(entry.name)
                } else {
                    names.insert(entry.name)
                }
            }
            // A whiteout hides the layers below it, not those above, whose names are in the set already.
            hidden.formUnion(whiteouts.filter { !names.contains($0) })
            hidden.formUnion(names)
        }
        return names
    }

    /// Where the file of a found name lies.
    func place(of found: Found, _ path: Path) -> Path { layers[found.layer] / path }

    /// Resolves a path with the view as root of the file system.
    func resolve(_ path: Path, followingLast: Bool) throws -> Path {
        let walk = SymlinkWalk { path in
            guard let found = try lookup(path) else { return .missing }
            switch found.status.type {
            case .directory: return .directory
            case .symlink: return .symlink(try FileSystem.readLink(place(of: found, path)))
            default: return .other
            }
        }
        return try walk.resolve(path, followingLast: followingLast)
    }

    func isOpaque(_ directory: Path) throws -> Bool {
        try ExtendedAttributes.value(opaqueName, of: directory) == [UInt8(ascii: "y")]
    }
}

/// The owners of links of several trees, each read when it is first asked for.
private final class LinkOwnersCache: Sendable {
    private let roots: [Path]
    private let known = Mutex<[Int: LinkOwners]>([:])

    init(roots: [Path]) { self.roots = roots }

    func of(_ index: Int) throws -> LinkOwners {
        if let owners = known.withLock({ $0[index] }) { return owners }
        let owners = try LinkOwners(beside: roots[index])
        known.withLock { $0[index] = owners }
        return owners
    }
}

extension FileStatus {
    /// True for the device by which an overlay marks a deletion.
    var isWhiteout: Bool { type == .characterDevice && deviceNumber == DeviceNumber() }
}

/// The directories of a view that were found, by their paths.
private final class DirectoryMemory: Sendable {
    private let known = Mutex<[Path: LowerTree.Found]>([:])

    subscript(path: Path) -> LowerTree.Found? {
        get { known.withLock { $0[path] } }
        set { known.withLock { $0[path] = newValue } }
    }
}
