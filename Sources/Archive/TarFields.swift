import LinuxSystem

/// What a header says once its extensions are taken into account.
struct TarFields {
    /// How the map of a sparse file is written.
    enum SparseKind {
        case old
        case records
        case leading
    }

    let block: TarBlock
    let records: PAXRecords
    let longName: [UInt8]?
    let longLink: [UInt8]?
    let offset: Int64
    /// The name as written: the GNU long name before the PAX one, as Go has it.
    let rawName: [UInt8]

    init(block: TarBlock, records: PAXRecords, longName: [UInt8]?, longLink: [UInt8]?, offset: Int64) {
        self.block = block
        self.records = records
        self.longName = longName
        self.longLink = longLink
        self.offset = offset
        rawName = Self.name(block, records, longName)
    }

    /// The entry without its size.
    func entry() throws(ArchiveError) -> ArchiveEntry {
        let path = Self.clean(rawName)
        guard !rawName.isEmpty else { throw ArchiveError(.malformed, at: offset, "an entry has no name") }
        var entry = ArchiveEntry(path: path, type: try type())
        entry.mode = UInt16(truncatingIfNeeded: try header(TarBlock.Field.mode, "mode") & 0o7777)
        entry.uid = try id(TarBlock.Field.uid, "uid")
        entry.gid = try id(TarBlock.Field.gid, "gid")
        entry.modified = try modified()
        entry.linkTarget = try linkTarget(entry.type)
        if entry.type == .characterDevice || entry.type == .blockDevice {
            let major = try header(TarBlock.Field.major, "device number")
            let minor = try header(TarBlock.Field.minor, "device number")
            guard (0..<1 << 12).contains(major), (0..<1 << 20).contains(minor) else {
                throw failure(.outOfRange, "its device number \(major):\(minor) is none that Linux has")
            }
            entry.device = DeviceNumber(major: UInt32(major), minor: UInt32(minor))
        }
        entry.attributes = attributes()
        return entry
    }

    private static func name(_ block: TarBlock, _ records: PAXRecords, _ longName: [UInt8]?) -> [UInt8] {
        if let longName { return longName }
        if let name = records.value("GNU.sparse.name") ?? records.value("path") { return name }
        let name = block.text(TarBlock.Field.name)
        guard block.bytes[TarBlock.Field.prefix.lowerBound] != 0, block.isUstar else { return name }
        let isStar = block.bytes[TarBlock.Field.starMark].elementsEqual(Array("tar\0".utf8))
        let prefix = block.text(isStar ? TarBlock.Field.starPrefix : TarBlock.Field.prefix)
        return prefix + [UInt8(ascii: "/")] + name
    }

    /// Bytes in the archive. Links and the like have none, whatever their header says: some programs write the size of
    /// a hard link's file there.
    func storedSize(of type: EntryType) throws(ArchiveError) -> Int64 {
        let size = try number("size", TarBlock.Field.size)
        guard size >= 0 else { throw failure(.outOfRange, "its size is negative") }
        return type == .regular ? size : 0
    }

    // MARK: - Fields

    private func type() throws(ArchiveError) -> EntryType {
        switch block.type {
        case UInt8(ascii: "0"), UInt8(ascii: "7"), UInt8(ascii: "S"): return .regular
        case 0: return rawName.last == UInt8(ascii: "/") ? .directory : .regular
        case UInt8(ascii: "1"): return .hardLink
        case UInt8(ascii: "2"): return .symlink
        case UInt8(ascii: "3"): return .characterDevice
        case UInt8(ascii: "4"): return .blockDevice
        case UInt8(ascii: "5"): return .directory
        case UInt8(ascii: "6"): return .fifo
        default:
            throw failure(.unsupported, "its type \(Path(bytes: [block.type])) is none that a layer can hold")
        }
    }

    private func header(_ field: Range<Int>, _ name: String) throws(ArchiveError) -> Int64 {
        guard let value = block.number(field) else { throw failure(.malformed, "its \(name) is no number of 64 bits") }
        return value
    }

    private func number(_ key: String, _ field: Range<Int>) throws(ArchiveError) -> Int64 {
        guard let text = records.value(key) else { return try header(field, key) }
        guard let value = decimal(text) else { throw failure(.malformed, "its \(key) is no number of 64 bits") }
        return value
    }

    /// The largest id means "leave unchanged" to chown(2).
    private func id(_ field: Range<Int>, _ key: String) throws(ArchiveError) -> UInt32 {
        let value = try number(key, field)
        guard let id = UInt32(exactly: value), id != .max else {
            throw failure(.outOfRange, "its \(key) \(value) is no id that Linux has")
        }
        return id
    }

    private func modified() throws(ArchiveError) -> FileTime {
        guard let text = records.value("mtime") else {
            return FileTime(seconds: try header(TarBlock.Field.modified, "mtime"))
        }
        guard let time = Self.time(text) else {
            throw failure(.malformed, "its mtime \(Path(bytes: text)) is no number of seconds")
        }
        return time
    }

    /// Seconds with any number of decimal places, those beyond nanoseconds cut off toward the past.
    static func time(_ text: [UInt8]) -> FileTime? {
        let parts = text.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        guard let seconds = decimal(parts[0]) else { return nil }
        guard parts.count == 2 else { return FileTime(seconds: seconds) }
        guard parts[1].allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        let places = Array(parts[1].prefix(9))
        let padded = places + [UInt8](repeating: 0x30, count: 9 - places.count)
        let fraction = padded.reduce(Int32(0)) { $0 * 10 + Int32($1 - 0x30) }
        guard text.first == UInt8(ascii: "-"), fraction > 0 else {
            return FileTime(seconds: seconds, nanoseconds: fraction)
        }
        let (floor, overflow) = seconds.subtractingReportingOverflow(1)
        return overflow ? nil : FileTime(seconds: floor, nanoseconds: 1_000_000_000 - fraction)
    }

    private func linkTarget(_ type: EntryType) throws(ArchiveError) -> Path? {
        guard type == .symlink || type == .hardLink else { return nil }
        let raw = longLink ?? records.value("linkpath") ?? block.text(TarBlock.Field.link)
        guard !raw.isEmpty else { throw failure(.malformed, "it is a link to nothing") }
        return type == .symlink ? Path(bytes: raw) : Self.clean(raw)
    }

    private func attributes() -> [ExtendedAttribute] {
        if records.isEmpty { return [] }
        let prefix = Array("SCHILY.xattr.".utf8)
        var found: [[UInt8]: [UInt8]] = [:]
        for record in records.records where record.key.starts(with: prefix) && record.key.count > prefix.count {
            found[Array(record.key.dropFirst(prefix.count))] = record.value
        }
        return found.sorted { $0.key.lexicographicallyPrecedes($1.key) }
            .map { ExtendedAttribute(name: $0.key, value: $0.value) }
    }

    /// Without slashes at either end, doubled ones and "."; ".." is kept, for the applier to refuse.
    static func clean(_ name: [UInt8]) -> Path {
        if let length = cleanLength(name) { return Path(bytes: name[..<length]) }
        let dot: [UInt8] = [UInt8(ascii: ".")]
        let kept = name.split(separator: UInt8(ascii: "/")).filter { !$0.elementsEqual(dot) }
        return Path(bytes: kept.joined(separator: [UInt8(ascii: "/")]))
    }

    /// How much of a name is there to keep that has one slash between its parts, perhaps one at its end, and no part that
    /// begins with a dot, as most have; nil for all others.
    private static func cleanLength(_ name: [UInt8]) -> Int? {
        name.withUnsafeBytes { name in
            let (slash, dot) = (UInt8(ascii: "/"), UInt8(ascii: "."))
            var before = slash
            for byte in name {
                if before == slash, byte == slash || byte == dot { return nil }
                before = byte
            }
            return before == slash ? max(0, name.count - 1) : name.count
        }
    }

    private func failure(_ code: ArchiveError.Code, _ detail: String) -> ArchiveError {
        ArchiveError(code, Path(bytes: rawName), at: offset, detail)
    }

    // MARK: - Sparse files

    func sparseKind() throws(ArchiveError) -> SparseKind? {
        if block.type == UInt8(ascii: "S") {
            guard block.isGNU else { throw failure(.malformed, "it is a sparse file in a format that has none") }
            return .old
        }
        if records.isEmpty { return nil }
        let major = records.value("GNU.sparse.major")
        let minor = records.value("GNU.sparse.minor")
        switch (major.map { String(decoding: $0, as: UTF8.self) }, minor.map { String(decoding: $0, as: UTF8.self) }) {
        case ("1", "0"): return .leading
        case ("0", "0"), ("0", "1"): return .records
        case (nil, nil):
            let isSparse = records.records.contains { $0.key.starts(with: "GNU.sparse.".utf8) }
            return isSparse ? .records : nil
        default: throw failure(.unsupported, "it is a sparse file of a version that is not known")
        }
    }

    func sparseSize(_ kind: SparseKind) throws(ArchiveError) -> Int64 {
        if kind == .old { return try header(483..<495, "real size") }
        guard let text = records.value("GNU.sparse.realsize") ?? records.value("GNU.sparse.size"),
            let size = decimal(text)
        else { throw failure(.malformed, "it is a sparse file without a size") }
        return size
    }
}
