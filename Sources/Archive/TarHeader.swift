import LinuxSystem

/// The header of an entry as bytes, with the PAX extended header before it where one is needed.
struct TarHeader {
    private(set) var bytes: [UInt8] = []
    let contentSize: Int64

    init(of entry: ArchiveEntry) throws(ArchiveError) {
        contentSize = entry.type == .regular ? entry.size : 0
        guard entry.size >= 0, !entry.path.isAbsolute else {
            throw ArchiveError(.unrepresentable, entry.path, "its size is negative or its path begins with a slash")
        }
        var records = PAXRecords()
        var block = TarBlock()
        Self.putName(Self.name(of: entry), in: &block, &records)
        if let target = entry.linkTarget {
            if target.bytes.count <= TarBlock.Field.link.count {
                block.put(target.bytes, in: TarBlock.Field.link)
            } else {
                records.append("linkpath", target.bytes)
            }
        }
        Self.put(Int64(entry.uid), "uid", in: TarBlock.Field.uid, &block, &records)
        Self.put(Int64(entry.gid), "gid", in: TarBlock.Field.gid, &block, &records)
        Self.put(contentSize, "size", in: TarBlock.Field.size, &block, &records)
        Self.put(entry.modified.seconds, "mtime", in: TarBlock.Field.modified, &block, &records)
        let hasDevice = entry.type == .characterDevice || entry.type == .blockDevice
        let device = hasDevice ? entry.device : DeviceNumber()
        guard block.put(octal: Int64(entry.mode & 0o7777), in: TarBlock.Field.mode),
            block.put(octal: Int64(device.major), in: TarBlock.Field.major),
            block.put(octal: Int64(device.minor), in: TarBlock.Field.minor)
        else {
            throw ArchiveError(.unrepresentable, entry.path, "its device number is beyond what tar can hold")
        }
        for attribute in entry.attributes {
            // There is no way to quote it: readers end the key at the first equals sign.
            guard !attribute.name.isEmpty, !attribute.name.contains(0x3D), !attribute.name.contains(0) else {
                throw ArchiveError(
                    .unrepresentable, entry.path,
                    "tar cannot hold its extended attribute \(Path(bytes: attribute.name)): the name has an equals sign"
                )
            }
            records.append(Array("SCHILY.xattr.".utf8) + attribute.name, attribute.value)
        }
        if !records.isEmpty { try appendExtendedHeader(records, entry.path) }
        append(&block, type: Self.code(of: entry.type))
    }

    /// The type flag of a header.
    private static func code(of type: EntryType) -> UInt8 {
        switch type {
        case .regular: UInt8(ascii: "0")
        case .hardLink: UInt8(ascii: "1")
        case .symlink: UInt8(ascii: "2")
        case .characterDevice: UInt8(ascii: "3")
        case .blockDevice: UInt8(ascii: "4")
        case .directory: UInt8(ascii: "5")
        case .fifo: UInt8(ascii: "6")
        }
    }

    private static func name(of entry: ArchiveEntry) -> [UInt8] {
        let slash = UInt8(ascii: "/")
        if entry.path.isEmpty { return [UInt8(ascii: "."), slash] }
        return entry.type == .directory ? entry.path.bytes + [slash] : entry.path.bytes
    }

    /// Into the name field, else split at a slash between prefix and name fields, else into a PAX record.
    private static func putName(_ name: [UInt8], in block: inout TarBlock, _ records: inout PAXRecords) {
        let nameLimit = TarBlock.Field.name.count
        if name.count <= nameLimit { return block.put(name, in: TarBlock.Field.name) }
        // The first slash that leaves a short enough name, which may not be empty.
        let first = max(1, name.count - nameLimit - 1)
        let last = min(TarBlock.Field.prefix.count, name.count - 2)
        if first <= last, let cut = name[first...last].firstIndex(of: UInt8(ascii: "/")) {
            block.put(name[..<cut], in: TarBlock.Field.prefix)
            block.put(name[(cut + 1)...], in: TarBlock.Field.name)
        } else {
            // For readers without PAX: recognisably the same file.
            block.put(name[..<nameLimit], in: TarBlock.Field.name)
            records.append("path", name)
        }
    }

    private static func put(
        _ value: Int64, _ key: String, in field: Range<Int>, _ block: inout TarBlock, _ records: inout PAXRecords
    ) {
        if block.put(octal: value, in: field) { return }
        records.append(key, Array(String(value).utf8))
        _ = block.put(octal: 0, in: field)
    }

    private mutating func appendExtendedHeader(_ records: PAXRecords, _ path: Path) throws(ArchiveError) {
        var records = records
        // Else libarchive takes names for UTF-8: it composes accents, and fails where the locale has no such letter.
        let names = [records.value("path"), records.value("linkpath")]
        if names.contains(where: { $0?.contains { $0 >= 0x80 } ?? false }) {
            records.append("hdrcharset", Array("BINARY".utf8))
        }
        let content = records.encoded()
        guard content.count <= ArchiveLimits.default.headerBytes else {
            throw ArchiveError(
                .unrepresentable, path, "its names and extended attributes take more than 1 MiB, which readers refuse")
        }
        var block = TarBlock()
        block.put(Array("PaxHeaders.0/".utf8) + (path.lastComponent?.bytes ?? []).prefix(80), in: TarBlock.Field.name)
        _ = block.put(octal: 0o644, in: TarBlock.Field.mode)
        for field in [TarBlock.Field.uid, TarBlock.Field.gid, TarBlock.Field.modified] {
            _ = block.put(octal: 0, in: field)
        }
        for field in [TarBlock.Field.major, TarBlock.Field.minor] { _ = block.put(octal: 0, in: field) }
        _ = block.put(octal: Int64(content.count), in: TarBlock.Field.size)
        append(&block, type: UInt8(ascii: "x"))
        bytes += content
        bytes += [UInt8](repeating: 0, count: -content.count & (TarBlock.size - 1))
    }

    private mutating func append(_ block: inout TarBlock, type: UInt8) {
        block.bytes[TarBlock.Field.type] = type
        block.put(Self.magic, in: TarBlock.Field.magic)
        block.seal()
        if bytes.isEmpty { bytes = block.bytes } else { bytes += block.bytes }
    }

    private static let magic = Array("ustar\u{0}00".utf8)
}
