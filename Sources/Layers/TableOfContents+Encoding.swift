import Archive
import LinuxSystem
import OCISpec

/// The stored form: "OCTC", a version, the body's length and checksum, then the body. Numbers are LEB128, texts are
/// length and bytes, and each path is stored as what it does not share with the path before it.
extension TableOfContents {
    static let magic = Array("OCTC".utf8)
    static let version: UInt8 = 1

    /// The table as bytes, the same for equal tables; ``init(decoding:)`` reads them back.
    package func encode() -> [UInt8] {
        var body = TableEncoder()
        body.append(UInt64(entries.count))
        for entry in entries { body.append(entry) }
        for paths in [whiteouts, opaques] {
            body.append(UInt64(paths.count))
            body.previousPath = []
            for path in paths { body.append(path: path) }
        }
        for file in [accountFiles.passwd, accountFiles.group] {
            body.append(UInt64(file == nil ? 0 : 1))
            if let file { body.append(text: file) }
        }
        var framed = TableEncoder()
        framed.bytes = Self.magic + [Self.version]
        framed.append(UInt64(body.bytes.count))
        framed.append(fixed: Self.checksum(body.bytes[...]))
        return framed.bytes + body.bytes
    }

    /// FNV-1a: against damage on disk, not against an adversary; tables from elsewhere come by digest.
    static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.withUnsafeBufferPointer { buffer in
            var hash: UInt64 = 0xcbf2_9ce4_8422_2325
            for byte in buffer { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
            return hash
        }
    }
}

/// Writes the pieces of a stored table.
struct TableEncoder {
    var bytes: [UInt8] = []
    var previousPath: [UInt8] = []

    mutating func append(_ number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    mutating func append(fixed number: UInt64) {
        for shift in stride(from: 0, to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
    }

    /// Zigzag: small negative numbers stay short.
    mutating func append(signed number: Int64) { append(UInt64(bitPattern: (number << 1) ^ (number >> 63))) }

    mutating func append(text: [UInt8]) {
        append(UInt64(text.count))
        bytes.append(contentsOf: text)
    }

    mutating func append(path: Path) {
        let shared = zip(previousPath, path.bytes).prefix { $0 == $1 }.count
        append(UInt64(shared))
        append(UInt64(path.bytes.count - shared))
        bytes.append(contentsOf: path.bytes[shared...])
        previousPath = path.bytes
    }

    mutating func append(_ item: TableEntry) {
        let entry = item.entry
        append(path: entry.path)
        let hasLink: UInt8 = entry.linkTarget == nil ? 0 : 0x10
        let hasDigest: UInt8 = item.contentDigest == nil ? 0 : 0x20
        let hasAttributes: UInt8 = entry.attributes.isEmpty ? 0 : 0x40
        let hasFraction: UInt8 = entry.modified.nanoseconds == 0 ? 0 : 0x80
        bytes.append(entry.type.tableCode | hasLink | hasDigest | hasAttributes | hasFraction)
        append(UInt64(entry.mode))
        append(UInt64(entry.uid))
        append(UInt64(entry.gid))
        append(signed: entry.size)
        append(signed: entry.modified.seconds)
        if hasFraction != 0 { append(signed: Int64(entry.modified.nanoseconds)) }
        if let target = entry.linkTarget { append(text: target.bytes) }
        if entry.type == .characterDevice || entry.type == .blockDevice {
            append(UInt64(entry.device.major))
            append(UInt64(entry.device.minor))
        }
        if !entry.attributes.isEmpty {
            append(UInt64(entry.attributes.count))
            for attribute in entry.attributes {
                append(text: attribute.name)
                append(text: attribute.value)
            }
        }
        if let digest = item.contentDigest { append(text: Array(digest.description.utf8)) }
    }
}

extension EntryType {
    /// The number of the type in stored tables; part of the format.
    var tableCode: UInt8 {
        switch self {
        case .regular: 0
        case .directory: 1
        case .symlink: 2
        case .hardLink: 3
        case .fifo: 4
        case .characterDevice: 5
        case .blockDevice: 6
        }
    }

    /// The type of that number.
    init?(tableCode: UInt8) {
        let all: [EntryType] = [
            .regular, .directory, .symlink, .hardLink, .fifo, .characterDevice, .blockDevice,
        ]
        guard Int(tableCode) < all.count else { return nil }
        self = all[Int(tableCode)]
    }
}
