/// The 512 bytes of a tar header, and the layout of its fields.
struct TarBlock {
    static let size = 512

    /// Fields as byte ranges; see the "ustar Interchange Format" of POSIX.1 pax.
    enum Field {
        static let name = 0..<100
        static let mode = 100..<108
        static let uid = 108..<116
        static let gid = 116..<124
        static let size = 124..<136
        static let modified = 136..<148
        static let checksum = 148..<156
        static let type = 156
        static let link = 157..<257
        static let magic = 257..<265
        static let major = 329..<337
        static let minor = 337..<345
        static let prefix = 345..<500
        /// Where star keeps two times in the last bytes of the prefix.
        static let starPrefix = 345..<476
        static let starMark = 508..<512
    }

    var bytes: [UInt8]

    init() {
        bytes = Array(repeating: 0, count: Self.size)
    }

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    var isZero: Bool { bytes.allSatisfy { $0 == 0 } }
    var type: UInt8 { bytes[Field.type] }
    var isUstar: Bool { bytes[257..<263].elementsEqual(Array("ustar\0".utf8)) }
    var isGNU: Bool { bytes[Field.magic].elementsEqual(Array("ustar  \0".utf8)) }

    /// The bytes of a text field up to its first NUL.
    func text(_ field: Range<Int>) -> [UInt8] {
        Array(bytes[field].prefix { $0 != 0 })
    }

    /// Sums as new and as very old programs take them, with the checksum field read as spaces.
    var checksums: (unsigned: Int64, signed: Int64) {
        var unsigned: Int64 = 0
        var signed: Int64 = 0
        for index in 0..<Self.size {
            let byte = Field.checksum.contains(index) ? 0x20 : bytes[index]
            unsigned += Int64(byte)
            signed += Int64(Int8(bitPattern: byte))
        }
        return (unsigned, signed)
    }

    /// A numeric field: octal digits amid spaces and NULs, or, with the top bit set, a big-endian two's complement
    /// number. Nil where it is neither or beyond 64 bits.
    func number(_ field: Range<Int>) -> Int64? {
        let content = bytes[field]
        guard let first = content.first else { return nil }
        if first & 0x80 != 0 { return Self.binary(content, isNegative: first & 0x40 != 0) }
        let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0 }
        guard let start = content.firstIndex(where: { !isBlank($0) }) else { return 0 }
        var digits = content[start...].prefix { $0 != 0 }
        while digits.last == 0x20 { digits.removeLast() }
        var value: Int64 = 0
        for digit in digits {
            guard (0x30...0x37).contains(digit), value >> 60 == 0 else { return nil }
            value = value << 3 | Int64(digit - 0x30)
        }
        return value
    }

    private static func binary(_ content: ArraySlice<UInt8>, isNegative: Bool) -> Int64? {
        let fill: Int64 = isNegative ? -1 : 0
        var value = fill
        for (index, byte) in content.enumerated() {
            let bits = index == 0 ? (isNegative ? byte | 0x80 : byte & 0x7F) : byte
            let (shifted, overflow) = value.multipliedReportingOverflow(by: 256)
            guard !overflow else { return nil }
            value = shifted | Int64(bits)
        }
        guard (value < 0) == isNegative else { return nil }
        return value
    }

    // MARK: - Writing

    mutating func put(_ text: [UInt8], in field: Range<Int>) { put(text[...], in: field) }

    mutating func put(_ text: ArraySlice<UInt8>, in field: Range<Int>) {
        bytes.withUnsafeMutableBytes { bytes in
            text.withUnsafeBytes {
                UnsafeMutableRawBufferPointer(rebasing: bytes[field].prefix($0.count)).copyMemory(from: $0)
            }
        }
    }

    /// Octal digits to the field's end but for one NUL; false where there are too few places.
    mutating func put(octal value: Int64, in field: Range<Int>) -> Bool {
        let places = field.count - 1
        guard value >= 0, value >> Int64(3 * places) == 0 else { return false }
        for place in 0..<places {
            bytes[field.lowerBound + place] = 0x30 + UInt8(value >> Int64(3 * (places - 1 - place)) & 7)
        }
        return true
    }

    mutating func seal() {
        // The field itself counts as spaces; as yet it is zeros.
        let sum = bytes.withUnsafeBytes { $0.reduce(UInt32(Field.checksum.count * 0x20)) { $0 &+ UInt32($1) } }
        _ = put(octal: Int64(sum), in: Field.checksum.lowerBound..<Field.checksum.upperBound - 1)
        bytes[Field.checksum.upperBound - 1] = 0x20
    }
}
