import Archive
import LinuxSystem

/// The file tree that layers make together, known from their tables of contents alone.
///
/// It answers as an overlay mount of the unpacked layers would; nothing is unpacked or even fetched for it.
package struct MergedTree: Sendable {
    /// What the tree has at a path.
    package struct Found: Hashable, Sendable {
        /// The entry, under the path that was asked for. A hard link is replaced by the file that it names.
        package var entry: ArchiveEntry
        /// The index of the layer (0 is the bottom) in whose snapshot the file lies under the same path.
        package var layer: Int
        /// For a directory, what it merges.
        var directory: Directory?
    }

    /// A directory of the tree: which layers contribute to it, topmost first.
    struct Directory: Hashable, Sendable {
        var path: Path
        var layers: [Int]
    }

    /// The layers' tables, bottom first.
    package let tables: [TableOfContents]

    /// The tree of these layers, bottom first.
    package init(_ tables: [TableOfContents]) { self.tables = tables }

    /// What the tree has at a path that leads through directories only; nil where there is nothing. A symbolic link at
    /// its end is found itself: ``resolve(_:followFinal:)`` follows it.
    package func lookup(_ path: Path) -> Found? {
        var found = root
        // Name by name, so that a path of which the tree has only the beginning costs no more than that.
        var rest = path.bytes.drop { $0 == UInt8(ascii: "/") }
        while !rest.isEmpty {
            let end = rest.firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
            guard let directory = found.directory, let next = lookup(Path(bytes: rest[..<end]), in: directory) else {
                return nil
            }
            found = next
            rest = rest[end...].drop { $0 == UInt8(ascii: "/") }
        }
        return found
    }

    /// True when something is at that path, a dangling symbolic link too.
    package func exists(_ path: Path) -> Bool { lookup(path) != nil }

    /// The path, relative to the root, with its symbolic links replaced by where they lead inside the tree; ".." stops
    /// at the root. What does not exist stays as it is. More than 40 links in a row, or a file used as a directory,
    /// are a `LayersError`.
    package func resolve(_ path: Path, followFinal: Bool) throws -> Path {
        let walk = SymlinkWalk { path in
            guard let found = lookup(path) else { return .missing }
            switch found.entry.type {
            case .directory: return .directory
            case .symlink: return .symlink(found.entry.linkTarget ?? "")
            default: return .other
            }
        }
        return try walk.resolve(path, followingLast: followFinal)
    }

    /// What is in a directory, in byte order of the names; nothing where the path is no directory.
    package func children(of path: Path) -> [Found] { lookup(path).map { children(of: $0) } ?? [] }

    /// The same of a directory that was found in this tree, without looking for it again.
    package func children(of found: Found) -> [Found] { found.directory.map { children(of: $0) } ?? [] }

    /// What is at a path, and all below it, in byte order of the paths.
    package func walk(from path: Path = "") -> [Found] {
        guard let top = lookup(path) else { return [] }
        var found = [top]
        var next = 0
        while next < found.count {
            if let directory = found[next].directory { found += children(of: directory) }
            next += 1
        }
        return found.sorted { $0.entry.path < $1.entry.path }
    }

    /// The users and groups of the image. A passwd or group file that is a symbolic link counts as absent, as does one
    /// over 10 MiB.
    package var accounts: Accounts {
        func bytes(_ path: Path, _ file: KeyPath<TableOfContents.AccountFiles, [UInt8]?>) -> [UInt8] {
            guard let found = lookup(path), found.entry.type == .regular else { return [] }
            return tables[found.layer].accountFiles[keyPath: file] ?? []
        }
        return Accounts(passwd: bytes("etc/passwd", \.passwd), group: bytes("etc/group", \.group))
    }
}

extension MergedTree {
    private var root: Found {
        var layers: [Int] = []
        var entry: (ArchiveEntry, layer: Int)?
        for layer in tables.indices.reversed() {
            layers.append(layer)
            if entry == nil, let own = tables[layer].entry(at: "") { entry = (own.entry, layer) }
            if TableOfContents.contains("", in: tables[layer].opaques) { break }
        }
        let directory = Directory(path: "", layers: layers)
        guard let entry else {
            return Found(entry: .impliedDirectory(""), layer: layers.first ?? 0, directory: directory)
        }
        return Found(entry: entry.0, layer: entry.layer, directory: directory)
    }

    private func lookup(_ name: Path, in directory: Directory) -> Found? {
        let path = directory.path / name
        var contributing: [Int] = []
        var described: (entry: ArchiveEntry, layer: Int)?
        layers: for layer in directory.layers {
            let table = tables[layer]
            if let own = table.entry(at: path) {
                guard own.entry.type == .directory else {
                    if contributing.isEmpty { return file(own.entry, layer) }
                    break layers
                }
                contributing.append(layer)
                if described == nil { described = (own.entry, layer) }
            } else if TableOfContents.contains(path, in: table.whiteouts) {
                break
            } else if table.implies(path) {
                contributing.append(layer)
            } else {
                continue
            }
            if TableOfContents.contains(path, in: table.opaques) { break }
        }
        guard let top = contributing.first else { return nil }
        let merged = Directory(path: path, layers: contributing)
        guard let described else { return Found(entry: .impliedDirectory(path), layer: top, directory: merged) }
        return Found(entry: described.entry, layer: described.layer, directory: merged)
    }

    /// The file that an entry stands for: for a hard link, what the target is.
    private func file(_ entry: ArchiveEntry, _ layer: Int) -> Found {
        let found = Found(entry: entry, layer: layer, directory: nil)
        guard entry.type == .hardLink, let target = entry.linkTarget else { return found }
        var named: ArchiveEntry?
        if let own = tables[layer].entry(at: target), own.entry.type != .hardLink {
            named = own.entry
        } else {
            // Only the layers below can have it: the search ends at the bottom.
            let below = MergedTree(Array(tables[..<layer]))
            if let resolved = try? below.resolve(target, followFinal: false) { named = below.lookup(resolved)?.entry }
        }
        guard var named else { return found }
        named.path = entry.path
        return Found(entry: named, layer: layer, directory: nil)
    }

    private func children(of directory: Directory) -> [Found] {
        if directory.layers.isEmpty { return [] }
        var names: Set<Path> = []
        for layer in directory.layers { tables[layer].collectNames(in: directory.path, into: &names) }
        return names.sorted().compactMap { lookup($0, in: directory) }
    }
}

extension ArchiveEntry {
    /// A directory that no layer describes.
    static func impliedDirectory(_ path: Path) -> ArchiveEntry {
        var entry = ArchiveEntry(path: path, type: .directory)
        entry.mode = 0o755
        return entry
    }
}

extension TableOfContents {
    /// True when the layer has something below a path that it does not describe.
    func implies(_ path: Path) -> Bool {
        // All that lies below begins with the path itself, so in most layers the first entry that is not before it tells
        // that there is nothing: of a tree of many layers each is asked.
        let next = firstIndex(notBefore: path)
        if next < entries.count, entries[next].entry.path.begins(with: path), !entries(below: path).isEmpty {
            return true
        }
        if opaques.isEmpty, whiteouts.isEmpty { return false }
        if Self.contains(path, in: opaques) { return true }
        return !Self.paths(below: path, in: whiteouts).isEmpty || !Self.paths(below: path, in: opaques).isEmpty
    }

    /// Adds the names of what lies directly in a directory.
    func collectNames(in directory: Path, into names: inout Set<Path>) {
        let start = directory.isEmpty ? 0 : directory.bytes.count + 1
        let below = entries(below: directory)
        var index = below.startIndex
        while index < below.endIndex {
            let bytes = entries[index].entry.path.bytes
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "/")) ?? bytes.endIndex
            names.insert(Path(bytes: bytes[start..<end]))
            // The rest of a subtree has no new name; "0" is the byte after "/".
            index = end == bytes.endIndex ? index + 1 : firstIndex(notBefore: Path(bytes: bytes[..<end] + [0x30]))
        }
        for path in Self.paths(below: directory, in: opaques) + Self.paths(below: directory, in: whiteouts) {
            let bytes = path.bytes
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "/")) ?? bytes.endIndex
            names.insert(Path(bytes: bytes[start..<end]))
        }
    }
}

extension Path {
    /// True when the first bytes are those of `other`, whether or not a name ends there.
    fileprivate func begins(with other: Path) -> Bool {
        bytes.count >= other.bytes.count
            && bytes.withUnsafeBytes { own in
                other.bytes.withUnsafeBytes { UnsafeRawBufferPointer(rebasing: own[..<$0.count]).elementsEqual($0) }
            }
    }
}
