import Glibc
import LinuxSystem

/// A file tree as compared: everything of each file but its times.
struct FileTree: Sendable {
    struct Node: Sendable {
        var type: FileType
        var mode: UInt16
        var uid: UInt32
        var gid: UInt32
        var device: DeviceNumber
        var linkTarget: Path?
        var content: [UInt8]
        /// Name and value, sorted by name.
        var attributes: [[[UInt8]]]
        /// The first path, in byte order, that names the same file; its own when there is no other.
        var linkedTo: Path
    }

    /// By path below the root; the root itself is ".".
    let nodes: [Path: Node]

    /// Reads what is below `root`. Blocks.
    init(scanning root: Path) throws {
        var nodes: [Path: Node] = [:]
        var inodes: [UInt64: [Path]] = [:]
        var pending: [Path] = ["."]
        while let path = pending.popLast() {
            let full = path == "." ? root : root / path
            let status = try FileSystem.status(full)
            if status.type == .directory {
                for entry in try DirectoryListing.entries(at: full) {
                    pending.append(path == "." ? entry.name : path / entry.name)
                }
            } else {
                inodes[status.inode, default: []].append(path)
            }
            nodes[path] = Node(
                type: status.type, mode: status.mode, uid: status.uid, gid: status.gid, device: status.deviceNumber,
                linkTarget: status.type == .symlink ? try FileSystem.readLink(full) : nil,
                content: status.type == .regular ? try FileSystem.readFile(full) : [],
                attributes: try ExtendedAttributes.names(of: full).sorted { $0.lexicographicallyPrecedes($1) }.map {
                    [$0, try ExtendedAttributes.value($0, of: full) ?? []]
                },
                linkedTo: path)
        }
        for names in inodes.values where names.count > 1 {
            let first = names.min()
            for name in names { nodes[name]?.linkedTo = first ?? name }
        }
        self.nodes = nodes
    }

    /// What differs, a line for each path and property, as (subject, what it is here, what it is in `other`).
    func differences(from other: FileTree) -> [Difference] {
        Set(nodes.keys).union(other.nodes.keys).sorted().flatMap { path -> [Difference] in
            switch (nodes[path], other.nodes[path]) {
            case (let ours?, let theirs?): ours.differences(from: theirs, at: path)
            case (let ours?, nil): [Difference("\(path)", "\(ours.type)", "absent")]
            case (nil, let theirs?): [Difference("\(path)", "absent", "\(theirs.type)")]
            case (nil, nil): []
            }
        }
    }
}

extension FileTree.Node {
    fileprivate func differences(from other: Self, at path: Path) -> [Difference] {
        guard type == other.type else { return [Difference("\(path)", "\(type)", "\(other.type)")] }
        func compare(_ name: String, _ property: (Self) -> String) -> Difference? {
            let (ours, theirs) = (property(self), property(other))
            return ours == theirs ? nil : Difference("\(path) \(name)", ours, theirs)
        }
        let same = content.withUnsafeBytes { ours in
            other.content.withUnsafeBytes { theirs in
                guard ours.count == theirs.count else { return false }
                guard let one = ours.baseAddress, let two = theirs.baseAddress else { return true }
                return memcmp(one, two, ours.count) == 0
            }
        }
        let text = { (bytes: [UInt8]) in "\(Path(bytes: bytes.prefix(300)))" }
        return [
            compare("mode") { String($0.mode, radix: 8) },
            compare("owner") { "\($0.uid):\($0.gid)" },
            compare("device") { "\($0.device.major):\($0.device.minor)" },
            compare("target") { "\($0.linkTarget ?? "")" },
            compare("attributes") { $0.attributes.map { $0.map(text).joined(separator: "=") }.joined(separator: " ") },
            compare("link") { "\($0.linkedTo)" },
            same ? nil : Difference("\(path) content", text(content), text(other.content)),
        ].compactMap(\.self)
    }
}

/// One property that two builders made differently.
struct Difference: Hashable, Sendable, CustomStringConvertible {
    /// What differs, such as `etc/passwd mode` or `config.Env`.
    let subject: String
    let ours: String
    let theirs: String

    init(_ subject: String, _ ours: String, _ theirs: String) {
        self.subject = subject
        self.ours = ours
        self.theirs = theirs
    }

    var description: String { "\(subject): ocibuild \(ours), buildah \(theirs)" }
}
