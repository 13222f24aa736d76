import Archive
import LinuxSystem

/// Reads a layer's tar from start to end, and makes of it a table of contents and, given a disk, files.
struct LayerInterpreter {
    let limits: LayerLimits
    let disk: LayerDisk?
    private var tree: LayerTree
    private var accounts: [Int: [UInt8]] = [:]
    private var entryCount = 0
    private var contentSize: Int64 = 0
    private let buffer = ReadBuffer(count: 512 << 10)

    init(limits: LayerLimits, disk: LayerDisk?) {
        self.limits = limits
        self.disk = disk
        tree = LayerTree(depthLimit: limits.depth)
    }

    /// Interprets the stream, all of it: bytes after the archive's end belong to the layer's digest too.
    mutating func run(_ source: any ByteReader) throws -> AppliedLayer {
        do { try interpretAll(of: source) } catch {
            // A file that was handed over before may have failed as well; then that is what went wrong first.
            try disk?.settle()
            throw error
        }
        try disk?.finish(tree: tree)
        return tree.finished(accounts: accounts, contentSize: contentSize)
    }

    private mutating func interpretAll(of source: any ByteReader) throws {
        let archive = try ArchiveReader(source, formats: .tar)
        while let entry = try archive.next() {
            try count(1, entry.path)
            try interpret(entry, from: archive)
        }
        while try source.read(into: buffer.bytes) > 0 {}
    }

    private mutating func count(_ names: Int, _ path: Path) throws(LayersError) {
        entryCount += names
        guard entryCount <= limits.entries else {
            throw LayersError(.limit, path, "the layer has more than \(limits.entries) entries")
        }
    }

    /// Makes the directories that a placement implies. They count as entries: one path can imply thousands.
    private mutating func makeImplied(_ placement: LayerTree.Placement) throws {
        try count(placement.implied.count, placement.path)
        try disk?.makeImplied(placement.implied, tree: tree)
    }

    private mutating func interpret(_ entry: ArchiveEntry, from archive: ArchiveReader) throws {
        // Before anything walks along them.
        for path in [entry.path, entry.linkTarget ?? ""] where path.bytes.count > LayerLimits.pathBytes {
            throw LayersError(
                .unsafePath, Path(bytes: path.bytes.prefix(100)),
                "the layer has a path or link target of \(path.bytes.count) bytes; Linux takes "
                    + "\(LayerLimits.pathBytes)")
        }
        guard !entry.path.hasParentReference else {
            throw LayersError(
                .unsafePath, entry.path, "the layer has a name with \"..\", which may lead out of the tree")
        }
        switch try LayerName(of: entry.path) {
        case .reserved:
            break
        case .whiteout(let path):
            let placement = try tree.whiteout(path)
            try makeImplied(placement)
            try disk?.hide(placement.path, tree: tree)
        case .opaque(let path):
            let placement = try tree.opaque(path)
            try makeImplied(placement)
            try disk?.makeOpaque(placement.path, tree: tree)
        case .ordinary:
            if entry.type == .hardLink { try link(entry) } else { try place(checked(entry), from: archive) }
        }
    }

    private func checked(_ entry: ArchiveEntry) throws -> ArchiveEntry {
        var entry = entry
        if entry.type == .characterDevice, entry.device == DeviceNumber() {
            throw LayersError(
                .invalidEntry, entry.path,
                "the layer has a character device 0:0, which would hide files of other layers")
        }
        let attributeBytes = entry.attributes.reduce(0) { $0 + $1.name.count + $1.value.count }
        guard attributeBytes <= limits.attributeBytes else {
            throw LayersError(
                .limit, entry.path, "its extended attributes take more than \(limits.attributeBytes) bytes")
        }
        entry.attributes = LayerAttributes.filtered(entry.attributes)
        entry.mode &= 0o7777
        if entry.type != .regular { entry.size = 0 }
        return entry
    }

    private mutating func link(_ entry: ArchiveEntry) throws {
        let target = entry.linkTarget ?? ""
        guard !target.hasParentReference else {
            throw LayersError(.unsafePath, entry.path, "it is a hard link to \(target), which may lead out of the tree")
        }
        let (placement, source) = try tree.link(entry.path, to: target)
        try makeImplied(placement)
        guard let disk else { return }
        if let source {
            if source != placement.path { try disk.makeLink(placement, to: source) }
        } else {
            try disk.makeDeferredLink(placement, to: target)
        }
    }

    private mutating func place(_ entry: ArchiveEntry, from archive: ArchiveReader) throws {
        let placement = try tree.place(entry)
        var entry = entry
        entry.path = placement.path
        try makeImplied(placement)
        guard entry.type == .regular else {
            try disk?.make(entry, placement, tree: tree)
            return
        }
        let (total, overflow) = contentSize.addingReportingOverflow(entry.size)
        guard entry.size >= 0, !overflow, total <= limits.bytes else {
            throw LayersError(.limit, entry.path, "the layer has more than \(limits.bytes) bytes of files")
        }
        contentSize = total
        if TableOfContents.AccountFiles.isAccountFile(entry.path),
            entry.size <= Int64(TableOfContents.AccountFiles.limit)
        {
            let content = try read(archive)
            keepAccounts(content)
            let copy = BytesReader(content)
            try disk?.makeFile(entry, placement, through: buffer) { try copy.read(into: $0) }
        } else if let disk {
            try disk.makeFile(entry, placement, through: buffer) { try archive.read(into: $0) }
        }
    }

    /// Keeps the content of the file placed last, and drops those that nothing has the name of any more.
    private mutating func keepAccounts(_ content: [UInt8]) {
        accounts[tree.files.count - 1] = content
        let named = TableOfContents.AccountFiles.paths.compactMap { tree.node(at: $0).map { tree.nodes[$0].file } }
        accounts = accounts.filter { named.contains($0.key) }
    }

    private func read(_ archive: ArchiveReader) throws -> [UInt8] {
        var content: [UInt8] = []
        while true {
            let count = try archive.read(into: buffer.bytes)
            if count == 0 { return content }
            content.append(contentsOf: buffer.bytes[..<count])
        }
    }
}
