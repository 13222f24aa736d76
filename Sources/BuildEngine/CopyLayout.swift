import Archive
import Layers
import LinuxSystem

/// Where the files of a COPY go in the tree below it: resolves the destination, decides between file and folder, and
/// adds the folders above, so that the layer is complete in itself.
struct CopyLayout {
    /// One entry of the layer.
    struct Placed {
        var entry: ArchiveEntry
        var content: Path?
        var bytes: [UInt8]?
        /// As in ``CopySelection/File/inode``.
        var inode: CopySelection.Inode?
    }

    /// How the copied files are to be changed on the way.
    struct Manner {
        var owner: (uid: UInt32, gid: UInt32)?
        var mode: FileMode?
        var time: EngineOptions.CopyTime
    }

    private let tree: MergedTree
    var manner: Manner
    private var placed: [Path: Placed] = [:]

    /// A layout on `tree`.
    init(tree: MergedTree, manner: Manner) {
        self.tree = tree
        self.manner = manner
    }

    /// The entries in byte order of their paths. Of a file with several names the first has the content, and the others
    /// are links to it: settled only here, because a later source may take the place of any of them.
    var entries: [Placed] {
        var firstNames: [CopySelection.Inode: Path] = [:]
        return placed.values.sorted { $0.entry.path < $1.entry.path }.map { item in
            guard let inode = item.inode else { return item }
            guard let first = firstNames[inode] else {
                firstNames[inode] = item.entry.path
                return item
            }
            var link = Placed(entry: item.entry)
            link.entry.type = .hardLink
            link.entry.linkTarget = first
            link.entry.size = 0
            link.entry.attributes = []
            return link
        }
    }

    /// Places a selection at `destination`, an absolute path of which a trailing slash says that it is a folder.
    mutating func place(_ selection: CopySelection, at destination: String) throws {
        let asFolder = destination.hasSuffix("/") || destination.hasSuffix("/.")
        if selection.sources.count > 1, !asFolder {
            throw EngineError(
                .destinationNotDirectory, destination,
                "\(selection.sources.count) sources are copied to \"\(destination)\", which must be a folder then: end it with \"/\""
            )
        }
        let target = try tree.resolve(Path(destination).lexicallyNormalized().relative, followFinal: true)
        let present = type(at: target)
        for source in selection.sources {
            if source.isDirectory {
                try placeFolder(source, at: target)
            } else if asFolder || present == .directory {
                try requireFolder(target, for: source.written)
                try placeFile(source.files[0], at: target / source.name)
            } else {
                try placeFile(source.files[0], at: target)
            }
        }
    }

    /// Places an empty folder, and those above it that are missing.
    mutating func placeFolder(_ path: Path) throws { try makeFolder(path) }

    private func type(at path: Path) -> EntryType? {
        if path.isEmpty { return .directory }
        return placed[path]?.entry.type ?? tree.lookup(path)?.entry.type
    }

    /// Where a name leads if it is a symbolic link to a folder, else the name itself: a file replaces a link, a folder
    /// goes where the link points, as with usr-merged systems' `/lib`.
    private func settle(_ path: Path) throws -> Path {
        guard type(at: path) == .symlink, placed[path] == nil else { return path }
        let led = try tree.resolve(path, followFinal: true)
        return type(at: led) == .directory ? led : path
    }

    private mutating func placeFolder(_ source: CopySelection.Source, at target: Path) throws {
        if type(at: target) == nil {
            try insert(source.files[0], at: target)
        } else {
            try requireFolder(target, for: source.written)
        }
        // A folder may stand for another place in the tree, and then what is below it goes there.
        var places: [Path: Path] = ["": target]
        for file in source.files.dropFirst() {
            let parent = places[file.path.parent ?? ""] ?? target
            let wanted = parent / (file.path.lastComponent ?? "")
            if file.entry.type == .directory {
                let place = try settle(wanted)
                if let there = type(at: place), there != .directory {
                    throw EngineError(
                        .destinationNotDirectory, "/\(place)",
                        "the folder \"\(file.path)\" of \"\(source.written)\" cannot be copied to /\(place), which is no folder there"
                    )
                }
                places[file.path] = place
                try insert(file, at: place)
            } else {
                try placeFile(file, at: wanted)
            }
        }
    }

    private mutating func placeFile(_ file: CopySelection.File, at target: Path) throws {
        if type(at: target) == .directory {
            throw EngineError(
                .destinationNotDirectory, "/\(target)",
                "the file \"\(file.path.isEmpty ? target.lastComponent ?? "" : file.path)\" cannot replace the folder /\(target)"
            )
        }
        try insert(file, at: target)
    }

    private mutating func requireFolder(_ path: Path, for source: String) throws {
        switch type(at: path) {
        case .directory: try addFolders(above: path / "x")
        case nil: try makeFolder(path)
        default:
            throw EngineError(
                .destinationNotDirectory, "/\(path)",
                "\"\(source)\" cannot be copied into /\(path), which is a file in the image")
        }
    }

    private mutating func makeFolder(_ path: Path) throws {
        try addFolders(above: path)
        var entry = ArchiveEntry(path: path, type: .directory, mode: 0o755)
        entry.modified = FileTime(seconds: copyTime ?? EngineOptions.constantTime)
        if let owner = manner.owner { (entry.uid, entry.gid) = owner }
        placed[path] = Placed(entry: entry)
    }

    private var copyTime: Int64? {
        if case .constant(let time) = manner.time { time } else { nil }
    }

    /// Every folder above an entry is in the layer too, as it stands in the tree: tools that unpack a layer alone would
    /// otherwise invent its mode.
    private mutating func addFolders(above path: Path) throws {
        guard let parent = path.parent, !parent.isEmpty, placed[parent] == nil else { return }
        if let below = tree.lookup(parent) {
            guard below.entry.type == .directory else {
                throw EngineError(
                    .destinationNotDirectory, "/\(parent)",
                    "/\(path) cannot be made, because /\(parent) is a file in the image")
            }
            try addFolders(above: parent)
            var entry = below.entry
            entry.path = parent
            placed[parent] = Placed(entry: entry)
        } else {
            try makeFolder(parent)
        }
    }

    private mutating func insert(_ file: CopySelection.File, at path: Path) throws {
        guard !path.isEmpty else { return }
        try addFolders(above: path)
        var entry = file.entry
        entry.path = path
        if let copyTime, !file.keepsTime { entry.modified = FileTime(seconds: copyTime) }
        if let owner = manner.owner { (entry.uid, entry.gid) = owner }
        if let mode = manner.mode, entry.type != .symlink {
            entry.mode = mode.applied(to: entry.mode, isDirectory: entry.type == .directory)
        }
        placed[path] = Placed(entry: entry, content: file.content, bytes: file.bytes, inode: file.inode)
    }
}

extension Path {
    /// The path without its leading slash, as tables and changesets name files.
    var relative: Path { Path(bytes: bytes.drop { $0 == 0x2F }) }
}
