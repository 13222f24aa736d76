/// The records of a PAX extended header: "length key=value\n", values being bytes.
struct PAXRecords {
    private(set) var records: [(key: [UInt8], value: [UInt8])] = []

    init() {}

    var isEmpty: Bool { records.isEmpty }

    /// The last value of a key. An empty one counts as absent: that is how a record takes back a global one.
    func value(_ key: String) -> [UInt8]? {
        // Most entries have no records.
        if records.isEmpty { return nil }
        let wanted = Array(key.utf8)
        guard let value = records.last(where: { $0.key == wanted })?.value, !value.isEmpty else { return nil }
        return value
    }

    mutating func append(_ key: String, _ value: [UInt8]) {
        append(Array(key.utf8), value)
    }

    mutating func append(_ key: [UInt8], _ value: [UInt8]) {
        records.append((key, value))
    }

    // MARK: - Bytes

    /// The records in byte order of their keys.
    func encoded() -> [UInt8] {
        records.sorted { $0.key.lexicographicallyPrecedes($1.key) }.reduce(into: []) { bytes, record in
            // The length counts its own digits.
            let rest = record.key.count + record.value.count + 3
            var length = rest
            while rest + String(length).utf8.count != length { length = rest + String(length).utf8.count }
            bytes += String(length).utf8
            bytes.append(0x20)
            bytes += record.key
            bytes.append(0x3D)
            bytes += record.value
            bytes.append(0x0A)
        }
    }

    /// Parses a whole header strictly; nil where anything is amiss.
    init?(parsing bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            guard let space = rest.prefix(8).firstIndex(of: 0x20), let length = decimal(rest[..<space]),
                length <= rest.count, rest.startIndex + Int(length) > space + 1
            else { return nil }
            let record = rest[(space + 1)..<(rest.startIndex + Int(length))]
            guard record.last == 0x0A, let equals = record.firstIndex(of: 0x3D), equals > record.startIndex else {
                return nil
            }
            let key = record[..<equals]
            let value = record[(equals + 1)..<(record.endIndex - 1)]
            guard !key.contains(0) else { return nil }
            if Self.isText(key), value.contains(0) { return nil }
            records.append((Array(key), Array(value)))
            rest = rest[record.endIndex...]
        }
    }

    /// Names that end up where a NUL would cut them short.
    private static func isText(_ key: ArraySlice<UInt8>) -> Bool {
        textKeys.contains { key.elementsEqual($0.utf8) }
    }

    private static let textKeys = ["path", "linkpath", "GNU.sparse.name", "uname", "gname"]
}

/// A decimal number of digits alone, with a minus sign at most; nil otherwise and beyond 64 bits.
func decimal(_ text: some Collection<UInt8>) -> Int64? {
    var digits = text[...]
    let isNegative = digits.first == 0x2D
    if isNegative { digits = digits.dropFirst() }
    guard !digits.isEmpty else { return nil }
    var value: Int64 = 0
    for digit in digits {
        guard (0x30...0x39).contains(digit) else { return nil }
        let (scaled, first) = value.multipliedReportingOverflow(by: 10)
        let (sum, second) =
            isNegative
            ? scaled.subtractingReportingOverflow(Int64(digit - 0x30))
            : scaled.addingReportingOverflow(Int64(digit - 0x30))
        guard !first, !second else { return nil }
        value = sum
    }
    return value
}
