import Archive
import LinuxSystem

/// The shape of a layer: what a COPY onto it has to know, and no more.
///
/// Directories are as they are in the table, for a layer repeats those above its files; of links the target is kept; of
/// all other files the path alone. Deletions and account files are there. So that what a layer looks like can be had
/// from another machine in a few bytes an entry, where the table itself takes some eighty.
extension TableOfContents {
    /// The table with no more in it than ``encodeShape()`` keeps.
    package var shape: TableOfContents {
        var shape = TableOfContents(whiteouts: whiteouts, opaques: opaques, accountFiles: accountFiles)
        shape.entries = entries.map { TableEntry($0.entry.shape { entry(at: $0)?.entry.type }) }
        return shape
    }
}

extension ArchiveEntry {
    /// What a shape keeps of the entry. `type` tells of the paths of the same layer.
    func shape(_ type: (Path) -> EntryType?) -> ArchiveEntry {
        switch self.type {
        case .directory:
            var entry = self
            // Layers are written in whole seconds.
            entry.modified.nanoseconds = 0
            entry.size = 0
            return entry
        case .symlink: return ArchiveEntry(path: path, type: .symlink, linkTarget: linkTarget ?? "")
        case .hardLink:
            // One to a file of this layer is a file; another may turn out to be a symbolic link.
            if let linkTarget, let named = type(linkTarget), named != .symlink, named != .hardLink {
                return ArchiveEntry(path: path, type: .regular)
            }
            return ArchiveEntry(path: path, type: .hardLink, linkTarget: linkTarget ?? "")
        case .regular, .fifo, .characterDevice, .blockDevice: return ArchiveEntry(path: path, type: .regular)
        }
    }
}

/// The encoded form of a shape: "OCSH", a version, and columns, each after its length. Names and their kinds are a walk
/// of the tree, so that no path is written twice and like stands beside like, which is what compressors want.
struct ShapeColumns {
    static let magic = Array("OCSH\u{1}".utf8)

    /// A byte for each step of the walk.
    enum Kind: UInt8 {
        case file = 0x66  // f
        case link = 0x6C  // l
        case hardLink = 0x68  // h
        /// A directory that the layer describes; what is in it follows.
        case directory = 0x64  // d
        /// One that the layer only has files in.
        case implied = 0x69  // i
        /// The end of a directory.
        case end = 0x65  // e
    }

    var kinds: [UInt8] = []
    /// Each with a NUL behind it, as ``targets``.
    var names: [UInt8] = []
    var targets: [UInt8] = []
    var modes = TableEncoder()
    var owners = TableEncoder()
    /// Differences to the time of the directory before.
    var times = TableEncoder()
    var attributes = TableEncoder()
    /// Deletions and account files.
    var rest = TableEncoder()

    private var previousTime: Int64 = 0

    var encoded: [UInt8] {
        var output = TableEncoder()
        output.bytes = Self.magic
        for column in [
            kinds, names, targets, modes.bytes, owners.bytes, times.bytes, attributes.bytes, rest.bytes,
        ] {
            output.append(text: column)
        }
        return output.bytes
    }

    mutating func append(_ kind: Kind, _ name: ArraySlice<UInt8> = []) {
        kinds.append(kind.rawValue)
        if kind != .end { names += name + [0] }
    }

    mutating func append(target: Path?) { targets += (target?.bytes ?? []) + [0] }

    /// The metadata of a directory.
    mutating func describe(_ entry: ArchiveEntry) {
        modes.append(UInt64(entry.mode))
        owners.append(UInt64(entry.uid))
        owners.append(UInt64(entry.gid))
        times.append(signed: entry.modified.seconds &- previousTime)
        previousTime = entry.modified.seconds
        attributes.append(UInt64(entry.attributes.count))
        for attribute in entry.attributes {
            attributes.append(text: attribute.name)
            attributes.append(text: attribute.value)
        }
    }
}

extension TableOfContents {
    /// The ``shape`` as bytes, the same for equal shapes; ``init(decodingShape:)`` reads them back.
    package func encodeShape() -> [UInt8] {
        let shape = self.shape
        var columns = ShapeColumns()
        let root = shape.entries.first.flatMap { $0.entry.path.isEmpty ? $0.entry : nil }
        columns.append(root == nil ? .implied : .directory)
        if let root { columns.describe(root) }
        // In byte order a directory's entries need not follow it at once ("a", "a.b", "a/c"), so they are walked by
        // directories: those of equal parents together.
        var open: [Path] = [""]
        let walk = shape.entries.map(\.entry).filter { !$0.path.isEmpty }
            .map { (components: $0.path.components, entry: $0) }
            .sorted { Self.precedes($0.components, $1.components) }
        for (components, entry) in walk {
            let parents = components.dropLast()
            var shared = 0
            while shared < min(open.count - 1, parents.count), open[shared + 1] == components[shared] { shared += 1 }
            while open.count - 1 > shared {
                columns.append(.end)
                open.removeLast()
            }
            for name in parents[shared...] {
                columns.append(.implied, name.bytes[...])
                open.append(name)
            }
            let name = components[components.count - 1]
            switch entry.type {
            case .directory:
                columns.append(.directory, name.bytes[...])
                columns.describe(entry)
                open.append(name)
            case .symlink, .hardLink:
                columns.append(entry.type == .symlink ? .link : .hardLink, name.bytes[...])
                columns.append(target: entry.linkTarget)
            default: columns.append(.file, name.bytes[...])
            }
        }
        columns.appendRest(of: shape)
        return columns.encoded
    }

    /// Orders paths by their names one after the other, so that what is in a directory follows it.
    private static func precedes(_ left: [Path], _ right: [Path]) -> Bool {
        for (one, other) in zip(left, right) where one != other { return one < other }
        return left.count < right.count
    }
}

extension ShapeColumns {
    fileprivate mutating func appendRest(of shape: TableOfContents) {
        for paths in [shape.whiteouts, shape.opaques] {
            rest.append(UInt64(paths.count))
            rest.previousPath = []
            for path in paths { rest.append(path: path) }
        }
        for file in [shape.accountFiles.passwd, shape.accountFiles.group] {
            rest.append(UInt64(file == nil ? 0 : 1))
            if let file { rest.append(text: file) }
        }
    }
}
