import LinuxSystem

/// Where the mounts of a step go in its tree.
struct MountLayout {
    /// A mount at the place where the tree's links lead it.
    struct Placed {
        var content: SandboxMount.Content
        var target: Path
        var isDirectory: Bool
        /// What has to be made in an earlier mount that the target lies in, outermost first; the last is the target.
        var missing: [TreeLayout.MountPoint] = []
    }

    /// The one directory of the sandbox's own that a mount can be on.
    private static let memory: Path = "/dev/shm"

    private let overlayPrefix: String
    private(set) var mounts: [Placed] = []
    /// Mount points that are not in the tree.
    private(set) var missing: [TreeLayout.MountPoint] = []

    /// Looks at the tree, and at what is mounted, and changes neither.
    init(_ wanted: [SandboxMount], in tree: LayeredTree) throws {
        overlayPrefix = tree.overlayPrefix
        for mount in wanted { try place(mount, in: tree) }
    }

    private mutating func place(_ mount: SandboxMount, in tree: LayeredTree) throws {
        let path = Path(mount.target)
        guard path.isAbsolute, !path.bytes.contains(0) else {
            throw SandboxError(.request, path.description, "a mount needs an absolute path")
        }
        let isDirectory = try isDirectory(mount)
        // Links are those of the image: BuildKit resolves a target before anything is mounted, too.
        let resolution: LayeredTree.Resolution
        do { resolution = try tree.resolve(path) } catch {
            throw SandboxError(.mount, path.description, "cannot be mounted on: \(error)", errno: error.errno)
        }
        let target = resolution.path
        try refuseReserved(target, for: path)
        var placed = Placed(content: mount.content, target: target, isDirectory: isDirectory)
        if let outer = mounts.last(where: { $0.isDirectory && target.hasPrefix($0.target) }) {
            placed.missing = try missing(below: outer, placed, named: path)
        } else if target.hasPrefix(Self.memory) {
            placed.missing = Self.points(to: target, below: Self.memory, isDirectory: isDirectory)
        } else {
            switch resolution.node {
            case .missing: missing.append(.init(path: target, isDirectory: isDirectory))
            case .directory:
                if !isDirectory { throw Self.mismatch(path, "a directory in the tree, and a file is mounted there") }
            case .file(_, let status):
                if isDirectory {
                    throw Self.mismatch(path, "a \(status.type) in the tree, and a directory is mounted there")
                }
            }
        }
        mounts.append(placed)
    }

    private static func mismatch(_ path: Path, _ what: String) -> SandboxError {
        SandboxError(.mount, path.description, "is \(what); choose another target")
    }

    private func refuseReserved(_ target: Path, for path: Path) throws(SandboxError) {
        let leads = target == path ? "is" : "leads to \(target), which is"
        if target == "/" { throw SandboxError(.mount, path.description, "\(leads) the root of the tree") }
        if !target.hasPrefix(Self.memory), TreeLayout.kernelDirectories.contains(where: { target.hasPrefix($0) }) {
            throw SandboxError(
                .mount, path.description,
                "\(leads) where the sandbox has the kernel's own files; of /dev, /proc and /sys only /dev/shm can be "
                    + "mounted on")
        }
        if mounts.contains(where: { $0.target == target }) {
            throw SandboxError(.mount, path.description, "\(leads) the target of another mount of this step")
        }
    }

    private func isDirectory(_ mount: SandboxMount) throws -> Bool {
        guard let place = mount.place(overlayPrefix) else {
            if case .temporary = mount.content { return true }
            return false
        }
        switch try place.tree.resolve(place.path).node {
        case .directory: return true
        case .file: return false
        case .missing:
            throw SandboxError(
                .request, mount.target,
                "nothing can be mounted there: \(place.path) does not exist where it is taken from")
        }
    }

    /// The target lies in a directory that is mounted itself, so that is where its mount point has to be.
    private func missing(
        below outer: Placed, _ placed: Placed, named path: Path
    ) throws -> [TreeLayout.MountPoint] {
        let rest = Path(bytes: placed.target.bytes.dropFirst(outer.target.bytes.count))
        var isReadOnly = false
        var present = LayeredTree.Node.missing
        if let place = SandboxMount(outer.content, at: "").place(overlayPrefix) {
            let inside = try place.tree.resolve(place.path).path
            present = try place.tree.resolve(inside / rest).node
        }
        switch outer.content {
        case .tree(_, _, let readOnly), .merged(_, _, let readOnly): isReadOnly = readOnly
        case .temporary, .file: break
        }
        switch present {
        case .directory where placed.isDirectory: return []
        case .file where !placed.isDirectory: return []
        case .directory, .file:
            throw Self.mismatch(
                path, "of another kind in what is mounted on \(outer.target) than what is mounted there")
        case .missing: break
        }
        guard !isReadOnly else {
            throw SandboxError(
                .mount, path.description,
                "is not in what is mounted read-only on \(outer.target), so nothing can be mounted there; make it there, "
                    + "or let that mount be written to (rw)")
        }
        return Self.points(to: placed.target, below: outer.target, isDirectory: placed.isDirectory)
    }

    /// All names from `directory` down to `target`.
    private static func points(
        to target: Path, below directory: Path, isDirectory: Bool
    ) -> [TreeLayout.MountPoint] {
        var points: [TreeLayout.MountPoint] = []
        var next = target
        while next != directory, let parent = next.parent {
            points.append(.init(path: next, isDirectory: points.isEmpty ? isDirectory : true))
            next = parent
        }
        return points.reversed()
    }
}

extension MountLayout {
    /// What takes hold of everything that lies outside of the step's tree, while it can still be reached.
    func opening(_ marks: NamespaceTraits.Overlay = .trusted) -> [SandboxOperation] {
        mounts.enumerated().flatMap { number, mount -> [SandboxOperation] in
            switch mount.content {
            case .tree(let root, let path, _): return [.openTree(root: root, path: path, number: number)]
            case .merged(let tree, let path, _):
                let overlay = OverlayMount(
                    lowers: tree.lowers, upper: tree.upper, work: tree.work, base: tree.base, marks: marks)
                return [
                    .changeDirectory(tree.base), overlay.operation(target: tree.point),
                    .openTree(root: tree.point, path: path, number: number),
                ]
            case .temporary, .file: return []
            }
        }
    }

    /// What mounts everything in the step's own root.
    var attaching: [SandboxOperation] {
        mounts.enumerated().flatMap { number, mount -> [SandboxOperation] in
            var operations = mount.missing.map { point -> SandboxOperation in
                point.isDirectory ? .ensureDirectory(point.path) : .makeFile(point.path)
            }
            var flags: MountFlags = [.noSetUser, .noDevices]
            switch mount.content {
            case .tree(_, _, let isReadOnly): if isReadOnly { flags.insert(.readOnly) }
            // Files of another image are programs too, and may need what they have there.
            case .merged(_, _, let isReadOnly): flags = isReadOnly ? [.readOnly] : []
            case .temporary(let size):
                var options = [OverlayOption(name: "mode", value: "1777")]
                if let size { options.append(OverlayOption(name: "size", value: Path("\(size)"))) }
                operations.append(.makeTmpfs(options: options, number: number))
            case .file(let content, let mode, let uid, let gid):
                let copy = StandardDevices.privateDirectory / Path(".mounted-\(number)")
                flags.formUnion([.readOnly, .noExecution])
                operations += [
                    .write(copy, content, mode: mode), .own(copy, uid: uid, gid: gid),
                    .openTree(root: "/", path: copy, number: number),
                ]
            }
            return operations + [.attach(number: number, target: mount.target, flags: flags)]
        }
    }
}
