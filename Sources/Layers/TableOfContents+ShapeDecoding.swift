import Archive
import LinuxSystem

extension TableOfContents {
    /// Reads what ``encodeShape()`` wrote, for use where nothing but the ``shape`` is asked for. What is malformed is
    /// `LayersError.Code.corruptTable`. The bytes may come from anywhere: nothing in them costs more than they are long,
    /// but for names that many paths share, which are held to what a layer may have.
    package init(decodingShape bytes: [UInt8]) throws(LayersError) {
        guard bytes.starts(with: ShapeColumns.magic) else {
            throw LayersError(.corruptTable, "table of contents", "these bytes are not the shape of a layer")
        }
        var decoder = TableDecoder(bytes: bytes, offset: ShapeColumns.magic.count)
        var walk = ShapeWalk(
            kinds: try decoder.text(), names: try decoder.text(), targets: try decoder.text(),
            modes: TableDecoder(bytes: try decoder.text(), offset: 0),
            owners: TableDecoder(bytes: try decoder.text(), offset: 0),
            times: TableDecoder(bytes: try decoder.text(), offset: 0),
            attributes: TableDecoder(bytes: try decoder.text(), offset: 0))
        var rest = TableDecoder(bytes: try decoder.text(), offset: 0)
        guard decoder.offset == bytes.count else { throw TableDecoder.damaged }
        self.init()
        entries = try walk.entries()
        whiteouts = try rest.paths()
        opaques = try rest.paths()
        if try rest.number() == 1 { accountFiles.passwd = try rest.text() }
        if try rest.number() == 1 { accountFiles.group = try rest.text() }
        guard rest.offset == rest.bytes.count else { throw TableDecoder.damaged }
    }
}

/// Follows the walk of a tree that a shape is.
private struct ShapeWalk {
    /// The most bytes that the paths of one shape take together: an entry costs two bytes, and its path may be long.
    private static let mostPathBytes = 1 << 30

    let kinds: [UInt8]
    let names: [UInt8]
    let targets: [UInt8]
    var modes: TableDecoder
    var owners: TableDecoder
    var times: TableDecoder
    var attributes: TableDecoder
    private var nameStart = 0
    private var targetStart = 0
    private var time: Int64 = 0

    init(
        kinds: [UInt8], names: [UInt8], targets: [UInt8], modes: TableDecoder, owners: TableDecoder,
        times: TableDecoder, attributes: TableDecoder
    ) {
        self.kinds = kinds
        self.names = names
        self.targets = targets
        self.modes = modes
        self.owners = owners
        self.times = times
        self.attributes = attributes
    }

    /// The entries in byte order of their paths.
    mutating func entries() throws(LayersError) -> [TableEntry] {
        var found: [TableEntry] = []
        found.reserveCapacity(kinds.count)
        /// Where the names of the open directories begin in `prefix`.
        var depths: [Int] = []
        var prefix: [UInt8] = []
        var total = 0
        for (index, byte) in kinds.enumerated() {
            guard let kind = ShapeColumns.Kind(rawValue: byte), index == 0 || !depths.isEmpty else {
                throw TableDecoder.damaged
            }
            if kind == .end {
                guard let start = depths.popLast(), !depths.isEmpty else { throw TableDecoder.damaged }
                prefix.removeSubrange(start...)
                continue
            }
            let name = try Self.next(in: names, &nameStart)
            // The first is the root, and nothing else has no name.
            guard name.isEmpty == (index == 0), !name.contains(UInt8(ascii: "/")), !Self.isSpecial(name) else {
                throw TableDecoder.damaged
            }
            let path = prefix.isEmpty ? Array(name) : prefix + [UInt8(ascii: "/")] + name
            total += path.count
            guard path.count <= LayerLimits.pathBytes, total <= Self.mostPathBytes else { throw TableDecoder.damaged }
            var entry = ArchiveEntry(path: Path(bytes: path), type: .regular)
            switch kind {
            case .file: break
            case .link, .hardLink:
                entry.type = kind == .link ? .symlink : .hardLink
                entry.linkTarget = Path(bytes: try Self.next(in: targets, &targetStart))
            case .directory, .implied:
                entry.type = .directory
                depths.append(prefix.count)
                prefix = path
                if kind == .directory { try describe(&entry) }
            case .end: break
            }
            // The root must be a directory, and what is implied has no entry.
            guard index > 0 || entry.type == .directory else { throw TableDecoder.damaged }
            if kind != .implied { found.append(TableEntry(entry)) }
        }
        guard !kinds.isEmpty, nameStart == names.count, targetStart == targets.count,
            [modes, owners, times, attributes].allSatisfy({ $0.offset == $0.bytes.count })
        else { throw TableDecoder.damaged }
        found.sort { $0.entry.path < $1.entry.path }
        for index in found.indices.dropFirst() where found[index - 1].entry.path == found[index].entry.path {
            throw TableDecoder.damaged
        }
        return found
    }

    private mutating func describe(_ entry: inout ArchiveEntry) throws(LayersError) {
        entry.mode = try modes.narrow(UInt16.self)
        entry.uid = try owners.narrow(UInt32.self)
        entry.gid = try owners.narrow(UInt32.self)
        time &+= try times.signed()
        entry.modified = FileTime(seconds: time)
        for _ in 0..<(try attributes.count()) {
            entry.attributes.append(
                ExtendedAttribute(name: try attributes.text(), value: try attributes.text()))
        }
    }

    private static func isSpecial(_ name: ArraySlice<UInt8>) -> Bool {
        name.count <= 2 && !name.isEmpty && name.allSatisfy { $0 == UInt8(ascii: ".") }
    }

    /// The bytes up to the next NUL.
    private static func next(in bytes: [UInt8], _ start: inout Int) throws(LayersError) -> ArraySlice<UInt8> {
        guard let end = bytes[start...].firstIndex(of: 0) else { throw TableDecoder.damaged }
        defer { start = end + 1 }
        return bytes[start..<end]
    }
}
