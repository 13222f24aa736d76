import LinuxSystem

/// The owners of the symbolic links, FIFOs and sockets of a recorded tree, which take no ``InodeRecord``: those that do
/// not belong to 0:0.
///
/// They are in the file `owners` beside the tree's directory: for each one `uid gid path` and a NUL, the path relative to
/// the tree. There is no file where there are none.
package struct LinkOwners: Hashable, Sendable {
    /// Whom one belongs to.
    package struct Owner: Hashable, Sendable {
        package var uid: UInt32
        package var gid: UInt32

        /// An owner of these numbers.
        package init(uid: UInt32, gid: UInt32) {
            self.uid = uid
            self.gid = gid
        }

        static let root = Owner(uid: 0, gid: 0)
    }

    private var owners: [Path: Owner] = [:]

    /// Nobody's.
    package init() {}

    /// Reads the file beside the tree at `root`. Throws `LayersError` where it is damaged.
    package init(beside root: Path) throws {
        let file = Self.file(of: root)
        guard try FileSystem.statusIfPresent(file) != nil else { return }
        var rest = try FileSystem.readFile(file, limit: 1 << 30)[...]
        while !rest.isEmpty {
            let line = rest.prefix { $0 != 0 }
            let parts = line.split(separator: UInt8(ascii: " "), maxSplits: 2, omittingEmptySubsequences: false)
            guard line.endIndex < rest.endIndex, parts.count == 3, let uid = Self.number(parts[0]),
                let gid = Self.number(parts[1])
            else {
                throw LayersError(
                    .corruptOwners, file, "it does not tell the owners of links: delete it, or its whole snapshot")
            }
            owners[Path(bytes: parts[2])] = Owner(uid: uid, gid: gid)
            rest = rest[line.endIndex...].dropFirst()
        }
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> UInt32? {
        UInt32(String(decoding: digits, as: UTF8.self))
    }

    private static func file(of root: Path) -> Path { (root.parent ?? ".") / "owners" }

    /// Writes the file beside the tree at `root`, or removes it where there is nothing to write.
    package func write(beside root: Path) throws {
        let file = Self.file(of: root)
        if owners.isEmpty {
            if FileSystem.exists(file) { try FileSystem.unlink(file) }
            return
        }
        var bytes: [UInt8] = []
        for (path, owner) in all {
            bytes += Array("\(owner.uid) \(owner.gid) ".utf8) + path.bytes
            bytes.append(0)
        }
        try FileSystem.writeAtomically(bytes, to: file, durable: false)
    }

    /// True when all belong to 0:0.
    package var isEmpty: Bool { owners.isEmpty }

    /// In byte order of the paths.
    package var all: [(path: Path, owner: Owner)] {
        owners.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// The owner of what is at a path, relative to the tree; 0:0 unless somebody said otherwise.
    package subscript(path: Path) -> Owner {
        get { owners[path] ?? .root }
        set { owners[path] = newValue == .root ? nil : newValue }
    }

    /// Forgets paths at which the tree has nothing that could not tell its owner itself.
    mutating func prune(below root: Path) {
        owners = owners.filter { path, _ in
            guard let status = (try? FileSystem.statusIfPresent(root / path)) ?? nil else { return false }
            return !TreeOwnership.takesRecord(status.type)
        }
    }
}

extension LinkOwners {
    /// `status`, which a recorded tree gave for `path`, with the owner that is known here.
    package func completing(_ status: FileStatus, at path: Path) -> FileStatus {
        guard !owners.isEmpty, !TreeOwnership.takesRecord(status.type), let owner = owners[path] else { return status }
        var complete = status
        complete.uid = owner.uid
        complete.gid = owner.gid
        return complete
    }
}
