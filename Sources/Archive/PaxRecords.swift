import LinuxSystem

/// The extended header records of one entry: "length keyword=value\n". See pax(1).
struct PaxRecords {
    private(set) var bytes: [UInt8] = []
    private var saysBinary = false

    var isEmpty: Bool { bytes.isEmpty }

    /// A name. Records are UTF-8 unless they say otherwise, and names need not be.
    mutating func addText(_ key: String, _ value: [UInt8]) {
        if !saysBinary, String(validating: value, as: UTF8.self) == nil {
            saysBinary = true
            add("hdrcharset", Array("BINARY".utf8))
        }
        add(key, value)
    }

    mutating func add(_ key: String, _ value: [UInt8]) { add(key: Array(key.utf8), value) }

    mutating func addAttribute(_ attribute: ExtendedAttribute, of path: Path) throws {
        guard !attribute.name.isEmpty, !attribute.name.contains(where: { $0 == UInt8(ascii: "=") || $0 == 0x0A }) else {
            throw ArchiveError(
                .unsupported, path,
                "the name of its extended attribute \(Path(bytes: attribute.name)) cannot be stored in a tar")
        }
        add(key: Array("SCHILY.xattr.".utf8) + attribute.name, attribute.value)
    }

    private mutating func add(key: [UInt8], _ value: [UInt8]) {
        // The length counts its own digits.
        let rest = key.count + value.count + 3
        var length = rest + 1
        while String(length).utf8.count + rest != length { length = String(length).utf8.count + rest }
        bytes += Array(String(length).utf8)
        bytes.append(UInt8(ascii: " "))
        bytes += key
        bytes.append(UInt8(ascii: "="))
        bytes += value
        bytes.append(0x0A)
    }
}
