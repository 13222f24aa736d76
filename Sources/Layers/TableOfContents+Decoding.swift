import Archive
import LinuxSystem
import OCISpec

extension TableOfContents {
    /// Reads what ``encode()`` wrote. Damage of any kind is `LayersError.Code.corruptTable`: the table can be made
    /// again from the layer.
    package init(decoding bytes: [UInt8]) throws(LayersError) {
        guard bytes.count >= 5, bytes.starts(with: Self.magic) else {
            throw LayersError(.corruptTable, "table of contents", "these bytes are not a table of contents")
        }
        guard bytes[4] == Self.version else {
            throw LayersError(
                .corruptTable, "table of contents",
                "it has version \(bytes[4]), and this program reads version \(Self.version)")
        }
        var decoder = TableDecoder(bytes: bytes, offset: 5)
        let length = try decoder.count()
        let checksum = try decoder.fixed()
        guard bytes.count - decoder.offset == length, Self.checksum(bytes[decoder.offset...]) == checksum else {
            throw LayersError(.corruptTable, "table of contents", "its bytes were damaged or cut short")
        }
        try self.init(body: &decoder)
        guard decoder.offset == bytes.count else { throw TableDecoder.damaged }
    }

    private init(body decoder: inout TableDecoder) throws(LayersError) {
        self.init()
        let count = try decoder.count(of: 8)
        entries.reserveCapacity(count)
        for _ in 0..<count {
            let entry = try decoder.entry()
            if let last = entries.last, last.entry.path >= entry.entry.path { throw TableDecoder.damaged }
            entries.append(entry)
        }
        whiteouts = try decoder.paths()
        opaques = try decoder.paths()
        if try decoder.number() == 1 { accountFiles.passwd = try decoder.text() }
        if try decoder.number() == 1 { accountFiles.group = try decoder.text() }
    }
}

/// Reads the pieces of a stored table; every length is checked against what is left.
struct TableDecoder {
    static let damaged = LayersError(.corruptTable, "table of contents", "its contents contradict themselves")

    let bytes: [UInt8]
    var offset: Int
    var previousPath: [UInt8] = []

    init(bytes: [UInt8], offset: Int) {
        self.bytes = bytes
        self.offset = offset
    }

    mutating func number() throws(LayersError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            guard offset < bytes.count, shift < 64 else { throw Self.damaged }
            let byte = bytes[offset]
            offset += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
    }

    mutating func signed() throws(LayersError) -> Int64 {
        let raw = try number()
        return Int64(bitPattern: (raw >> 1) ^ (0 &- (raw & 1)))
    }

    mutating func narrow<T: FixedWidthInteger>(_ type: T.Type) throws(LayersError) -> T {
        guard let value = T(exactly: try number()) else { throw Self.damaged }
        return value
    }

    /// A number of things, each of which takes at least so many bytes of what is left.
    mutating func count(of smallest: Int = 1) throws(LayersError) -> Int {
        let value = try number()
        guard value <= UInt64((bytes.count - offset) / smallest) else { throw Self.damaged }
        return Int(value)
    }

    mutating func fixed() throws(LayersError) -> UInt64 {
        guard bytes.count - offset >= 8 else { throw Self.damaged }
        defer { offset += 8 }
        return bytes[offset..<offset + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    mutating func text() throws(LayersError) -> [UInt8] {
        let length = try count()
        defer { offset += length }
        return Array(bytes[offset..<offset + length])
    }

    mutating func path() throws(LayersError) -> Path {
        let shared = try number()
        guard shared <= UInt64(previousPath.count) else { throw Self.damaged }
        let length = try count()
        // A path repeats the one before it at no cost, so its length is held to what a layer may have.
        guard Int(shared) + length <= LayerLimits.pathBytes else { throw Self.damaged }
        var path: [UInt8] = []
        path.reserveCapacity(Int(shared) + length)
        path.append(contentsOf: previousPath[..<Int(shared)])
        path.append(contentsOf: bytes[offset..<offset + length])
        offset += length
        previousPath = path
        return Path(bytes: path)
    }

    mutating func paths() throws(LayersError) -> [Path] {
        let number = try count(of: 2)
        previousPath = []
        var found: [Path] = []
        found.reserveCapacity(number)
        for _ in 0..<number {
            let path = try path()
            if let last = found.last, last >= path { throw Self.damaged }
            found.append(path)
        }
        return found
    }

    mutating func entry() throws(LayersError) -> TableEntry {
        let path = try path()
        guard offset < bytes.count else { throw Self.damaged }
        let flags = bytes[offset]
        offset += 1
        guard let type = EntryType(tableCode: flags & 0x0F) else { throw Self.damaged }
        var entry = ArchiveEntry(path: path, type: type)
        entry.mode = try narrow(UInt16.self)
        entry.uid = try narrow(UInt32.self)
        entry.gid = try narrow(UInt32.self)
        entry.size = try signed()
        guard entry.size >= 0 else { throw Self.damaged }
        entry.modified = FileTime(seconds: try signed())
        if flags & 0x80 != 0 {
            guard let fraction = Int32(exactly: try signed()), (0..<1_000_000_000).contains(fraction) else {
                throw Self.damaged
            }
            entry.modified.nanoseconds = fraction
        }
        if flags & 0x10 != 0 { entry.linkTarget = Path(bytes: try text()) }
        if type == .characterDevice || type == .blockDevice {
            entry.device = DeviceNumber(major: try narrow(UInt32.self), minor: try narrow(UInt32.self))
        }
        if flags & 0x40 != 0 {
            for _ in 0..<(try count()) {
                entry.attributes.append(ExtendedAttribute(name: try text(), value: try text()))
            }
        }
        guard flags & 0x20 != 0 else { return TableEntry(entry) }
        guard let digest = try? Digest(parsing: String(decoding: try text(), as: UTF8.self)) else { throw Self.damaged }
        return TableEntry(entry, contentDigest: digest)
    }
}
