import LinuxSystem

/// The tree that an overlay of some directories will show, read before it is mounted. Names are looked up one
/// component at a time and no link is left to the kernel to follow, so nothing in a layer leads out of it.
struct LayeredTree {
    /// What is at a path.
    enum Node {
        case missing
        /// The directories that make it up, topmost first.
        case directory([Path])
        /// Anything else, and where it really is.
        case file(Path, FileStatus)
    }

    /// Where a path leads when links are followed.
    struct Resolution {
        /// Absolute in the tree, without links, "." or "..".
        var path: Path
        var node: Node
    }

    /// Topmost first. With one layer it is that directory as it is.
    let layers: [Path]

    /// Markers are looked for only where there is something below for them to hide.
    private var hasMarkers: Bool { layers.count > 1 }

    /// That of the attributes which mark directories.
    let overlayPrefix: String
    private let opaqueName: [UInt8]
    private static let linkLimit = 40

    init(_ root: RootTree, overlayPrefix: String = "trusted.overlay.") {
        switch root {
        case .overlay(let lowers, let upper, _, _): self.init(layers: [upper] + lowers, overlayPrefix: overlayPrefix)
        case .directory(let path): self.init(layers: [path], overlayPrefix: overlayPrefix)
        }
    }

    init(layers: [Path], overlayPrefix: String) {
        self.layers = layers
        self.overlayPrefix = overlayPrefix
        opaqueName = Array("\(overlayPrefix)opaque".utf8)
    }

    /// What `name` is in the directory made of `directories`.
    func child(_ name: Path, of directories: [Path]) throws(SystemError) -> Node {
        var merged: [Path] = []
        for directory in directories {
            let path = directory / name
            guard let status = try FileSystem.statusIfPresent(path) else { continue }
            if status.type == .directory {
                merged.append(path)
                if hasMarkers, try ExtendedAttributes.value(opaqueName, of: path) == [UInt8(ascii: "y")] { break }
                continue
            }
            let whiteout = hasMarkers && status.type == .characterDevice && status.deviceNumber == DeviceNumber()
            if merged.isEmpty, !whiteout { return .file(path, status) }
            break
        }
        return merged.isEmpty ? .missing : .directory(merged)
    }

    /// Follows `path` from the root of the tree, links included, the last one too. What does not exist is taken by
    /// its name.
    func resolve(_ path: Path) throws(SystemError) -> Resolution {
        var pending = Array(path.components.reversed())
        var trail: [(name: Path, node: Node)] = []
        var links = 0
        while let name = pending.popLast() {
            if name == "." { continue }
            if name == ".." {
                _ = trail.popLast()
                continue
            }
            let node: Node
            switch trail.last?.node ?? .directory(layers) {
            case .directory(let directories): node = try child(name, of: directories)
            case .missing: node = .missing
            case .file: throw SystemError("resolve", path, errno: .notDirectory)
            }
            if case .file(let place, let status) = node, status.type == .symlink {
                links += 1
                guard links <= Self.linkLimit else { throw SystemError("resolve", path, errno: .loop) }
                let target = try FileSystem.readLink(place)
                if target.isAbsolute { trail = [] }
                pending += target.components.reversed()
            } else {
                trail.append((name, node))
            }
        }
        let resolved = trail.reduce(Path("/")) { $0 / $1.name }
        return Resolution(path: resolved, node: trail.last?.node ?? .directory(layers))
    }
}
