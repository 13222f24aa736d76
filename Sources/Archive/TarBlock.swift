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
    var isUstar: Bool { begins(at: Field.magic.lowerBound, with: Self.ustar) }
    var isGNU: Bool { begins(at: Field.magic.lowerBound, with: Self.gnu) }

    private static let ustar = Array("ustar\0".utf8)
    private static let gnu = Array("ustar  \0".utf8)

    private func begins(at place: Int, with text: [UInt8]) -> Bool {
        for index in text.indices where bytes[place + index] != text[index] { return false }
        return true
    }

    /// The bytes of a text field up to its first NUL.
    func text(_ field: Range<Int>) -> [UInt8] {
        bytes.withUnsafeBytes { bytes in
            let field = bytes[field]
            return Array(field[..<(field.firstIndex(of: 0) ?? field.endIndex)])
        }
    }

    /// Sums as new and as very old programs take them, with the checksum field read as spaces.
    var checksums: (unsigned: Int64, signed: Int64) {
        // In one sweep, for every header of a layer passes here: a byte counts 256 less as a signed one if it has the
        // highest bit.
        var sum: UInt32 = 0
        var high: UInt32 = 0
        bytes.withUnsafeBytes { bytes in
            for byte in bytes {
                sum &+= UInt32(byte)
                high &+= UInt32(byte >> 7)
            }
            for index in Field.checksum {
                sum &-= UInt32(bytes[index])
                high &-= UInt32(bytes[index] >> 7)
            }
        }
        let unsigned = Int64(sum) + Int64(Field.checksum.count) * 0x20
        return (unsigned, unsigned - 256 * Int64(high))
    }

    /// A numeric field: octal digits amid spaces and NULs, or, with the top bit set, a big-endian two's complement
    /// number. Nil where it is neither or beyond 64 bits.
    func number(_ field: Range<Int>) -> Int64? {
        if let value = plainNumber(field) { return value }
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

    /// The number of a field of octal digits with at most one NUL or space behind them, as most are; nil for all others.
    private func plainNumber(_ field: Range<Int>) -> Int64? {
        bytes.withUnsafeBytes { bytes in
            var value: Int64 = 0
            let last = field.upperBound - 1
            for index in field.lowerBound..<last {
                let digit = bytes[index] ^ 0x30
                guard digit < 8 else { return nil }
                value = value << 3 | Int64(digit)
            }
            guard field.count < 20, bytes[last] == 0 || bytes[last] == 0x20 else { return nil }
            return value
        }
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
