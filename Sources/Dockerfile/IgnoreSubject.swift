/// A path made ready for matching against many patterns.
struct IgnoreSubject {
    /// One element a character; a byte that is no part of a character stands for itself, above all characters.
    let units: [UInt32]
    /// Where the path, or a directory above it, ends: before each "/", and at the end.
    let ends: [Int]
    /// Which last units those have, by their low six bits: a cheap way to tell that a pattern cannot match.
    let lastUnits: UInt64

    init(_ path: [UInt8]) {
        let units = Self.units(of: path)
        var ends: [Int] = []
        var last: UInt64 = 0
        for place in 0...units.count where place == units.count || units[place] == Self.slash {
            ends.append(place)
            if place > 0 { last |= Self.bit(units[place - 1]) }
        }
        self.units = units
        self.ends = ends
        lastUnits = last
    }

    static let slash = UInt32(UInt8.slash)

    static func bit(_ unit: UInt32) -> UInt64 { 1 << UInt64(unit & 63) }

    static func units(of bytes: [UInt8]) -> [UInt32] {
        if bytes.allSatisfy({ $0 < 0x80 }) { return bytes.map(UInt32.init) }
        var units: [UInt32] = []
        var index = 0
        while index < bytes.count {
            let length = sequenceLength(bytes, at: index)
            if length > 1, let scalar = bytes[index..<(index + length)].string.unicodeScalars.first {
                units.append(scalar.value)
            } else {
                units.append(bytes[index] < 0x80 ? UInt32(bytes[index]) : 0x110000 + UInt32(bytes[index]))
            }
            index += length
        }
        return units
    }

    /// The bytes of the valid character at `index`, or 1.
    private static func sequenceLength(_ bytes: [UInt8], at index: Int) -> Int {
        let length =
            switch bytes[index] {
            case 0xC2...0xDF: 2
            case 0xE0...0xEF: 3
            case 0xF0...0xF4: 4
            default: 1
            }
        guard length > 1, index + length <= bytes.count else { return 1 }
        return String(validating: bytes[index..<(index + length)], as: UTF8.self) == nil ? 1 : length
    }
}
