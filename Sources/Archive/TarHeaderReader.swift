import LinuxSystem

/// Reads one entry's headers: those that extend it, and its own.
struct TarHeaderReader {
    /// What was read.
    struct Outcome {
        let entry: ArchiveEntry
        let rawPath: [UInt8]
        let content: TarContent
        let offset: Int64
        /// The entry's size with its holes.
        let expandedSize: Int64
    }

    private let input: TarInput
    private let limits: ArchiveLimits
    private var records: PAXRecords?
    private var longName: [UInt8]?
    private var longLink: [UInt8]?
    private var offset: Int64 = 0

    init(_ input: TarInput, _ limits: ArchiveLimits) {
        self.input = input
        self.limits = limits
    }

    /// The next entry, or nil at the end mark or the end of the source.
    mutating func next() throws -> Outcome? {
        while true {
            offset = input.offset
            guard let block = try input.block() else {
                try requireNothingPending()
                return nil
            }
            if block.isZero {
                try requireNothingPending()
                guard try input.block()?.isZero ?? true else {
                    throw malformed("one block of zeros is followed by other bytes; two of them end an archive")
                }
                return nil
            }
            let sums = block.checksums
            let stated = block.number(TarBlock.Field.checksum)
            guard stated == sums.unsigned || stated == sums.signed else {
                throw malformed("this is no tar header, or a damaged one: its checksum is wrong")
            }
            if try !takeExtension(block) { return try entry(block) }
        }
    }

    /// True where the block extends the entry after it.
    private mutating func takeExtension(_ block: TarBlock) throws -> Bool {
        switch block.type {
        case UInt8(ascii: "x"):
            guard records == nil else { throw malformed("an entry has two extended headers") }
            records = try parsedRecords(block)
        case UInt8(ascii: "g"):
            // Docker and containerd take no notice of global headers. Comments, as of git, are harmless; what would
            // change the entries for other readers is refused.
            let global = try parsedRecords(block)
            if let record = global.records.first(where: { Self.isDecisive($0.key) }) {
                throw ArchiveError(
                    .unsupported, at: offset,
                    "a global header sets \(Path(bytes: record.key)), which readers disagree about")
            }
        case UInt8(ascii: "L"):
            longName = Array(try body(block).prefix { $0 != 0 })
        case UInt8(ascii: "K"):
            longLink = Array(try body(block).prefix { $0 != 0 })
        case UInt8(ascii: "V"):
            // A volume's label, by `tar --label`: a header alone.
            break
        default:
            return false
        }
        return true
    }

    private static func isDecisive(_ key: [UInt8]) -> Bool {
        ["path", "linkpath", "size"].contains { key.elementsEqual($0.utf8) }
            || ["GNU.sparse.", "SCHILY.xattr."].contains { key.starts(with: $0.utf8) }
    }

    private func parsedRecords(_ block: TarBlock) throws -> PAXRecords {
        guard let records = PAXRecords(parsing: try body(block)) else {
            throw malformed("its extended header is malformed")
        }
        return records
    }

    /// The content of an extending header, held in memory.
    private func body(_ block: TarBlock) throws -> [UInt8] {
        guard let size = block.number(TarBlock.Field.size), size >= 0 else {
            throw malformed("the size of an extended header or long name is no number")
        }
        guard size <= Int64(limits.headerBytes) else {
            throw ArchiveError(
                .limit, at: offset,
                "an extended header or long name has \(size) bytes; \(limits.headerBytes) are allowed")
        }
        try input.count(size)
        let bytes = try input.readUp(to: Int(size))
        guard bytes.count == Int(size) else { throw TarInput.cutShort(at: input.offset) }
        try input.skip(-size & Int64(TarBlock.size - 1))
        return bytes
    }

    private func requireNothingPending() throws {
        guard records == nil, longName == nil, longLink == nil else { throw TarInput.cutShort(at: offset) }
    }

    private func malformed(_ detail: String) -> ArchiveError {
        ArchiveError(.malformed, longName.map { Path(bytes: $0) }, at: offset, detail)
    }

    // MARK: - The entry itself

    private func entry(_ block: TarBlock) throws -> Outcome {
        let fields = TarFields(
            block: block, records: records ?? PAXRecords(), longName: longName, longLink: longLink, offset: offset)
        var entry = try fields.entry()
        var stored = try fields.storedSize(of: entry.type)
        try input.count(stored)
        let padding = -stored & Int64(TarBlock.size - 1)
        let map = entry.type == .regular ? try sparseMap(fields, entry.path, stored: &stored) : nil
        entry.size = map?.size ?? stored
        let content = TarContent(input, entry.path, stored: stored, padding: padding, map: map)
        return Outcome(
            entry: entry, rawPath: fields.rawName, content: content, offset: offset,
            expandedSize: entry.size - stored)
    }

    private func sparseMap(_ fields: TarFields, _ path: Path, stored: inout Int64) throws -> SparseMap? {
        guard let kind = try fields.sparseKind() else { return nil }
        let numbers: [Int64]? =
            switch kind {
            case .old: try SparseMap.oldGNU(fields.block, input, limit: limits.headerBytes)
            case .records: SparseMap.records(fields.records)
            case .leading: try SparseMap.leading(input, stored: &stored, limit: limits.headerBytes)
            }
        guard let numbers, let map = SparseMap(numbers, size: try fields.sparseSize(kind), stored: stored) else {
            throw ArchiveError(.malformed, path, at: offset, "its map of a sparse file contradicts itself")
        }
        return map
    }
}
