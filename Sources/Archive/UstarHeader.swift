import LinuxSystem

/// One 512-byte header block in the ustar format. Each setter returns false where the value does not fit, and then
/// leaves what an old reader can make of it.
struct UstarHeader {
    private var block = [UInt8](repeating: 0, count: 512)

    init(type: EntryType) {
        let flag: UInt8 =
            switch type {
            case .regular: UInt8(ascii: "0")
            case .hardLink: UInt8(ascii: "1")
            case .symlink: UInt8(ascii: "2")
            case .characterDevice: UInt8(ascii: "3")
            case .blockDevice: UInt8(ascii: "4")
            case .directory: UInt8(ascii: "5")
            case .fifo: UInt8(ascii: "6")
            }
        self.init(flag: flag)
    }

    /// The header of the PAX records that precede another header.
    init(pax: Void) {
        self.init(flag: UInt8(ascii: "x"))
        put(Array("PaxHeaders/0".utf8), at: 0, width: 100)
        setMode(0o644)
        _ = setOwner(0)
        _ = setGroup(0)
        _ = setModified(0)
    }

    private init(flag: UInt8) {
        block[156] = flag
        put(Array("ustar\u{0}00".utf8), at: 257, width: 8)
        octal(0, at: 329, width: 8)
        octal(0, at: 337, width: 8)
    }

    /// The block with its checksum.
    var bytes: [UInt8] {
        var block = self.block
        for index in 148..<156 { block[index] = UInt8(ascii: " ") }
        let sum = block.reduce(0) { $0 + Int($1) }
        let digits = Array(String(sum, radix: 8).utf8)
        let padded = [UInt8](repeating: UInt8(ascii: "0"), count: 6 - digits.count) + digits
        block.replaceSubrange(148..<156, with: padded + [0, UInt8(ascii: " ")])
        return block
    }

    /// True when the name fits: ASCII, of at most 100 bytes, or in two parts cut at a slash.
    mutating func setName(_ name: [UInt8]) -> Bool {
        guard name.allSatisfy({ $0 < 0x80 && $0 != 0 }) else {
            put(name, at: 0, width: 100)
            return false
        }
        if name.count <= 100 {
            put(name, at: 0, width: 100)
            return true
        }
        // The slash between the parts is not stored, and neither part may be empty.
        if name.count <= 256,
            let cut = name.indices.first(where: { index in
                index > 0 && index <= 155 && name[index] == UInt8(ascii: "/") && name.count - index - 1 <= 100
                    && index + 1 < name.count
            })
        {
            put(Array(name[..<cut]), at: 345, width: 155)
            put(Array(name[(cut + 1)...]), at: 0, width: 100)
            return true
        }
        put(name, at: 0, width: 100)
        return false
    }

    mutating func setLinkTarget(_ target: [UInt8]) -> Bool {
        put(target, at: 157, width: 100)
        return target.count <= 100 && target.allSatisfy { $0 < 0x80 }
    }

    mutating func setMode(_ mode: UInt16) { octal(Int64(mode), at: 100, width: 8) }
    mutating func setOwner(_ id: UInt32) -> Bool { fitting(Int64(id), at: 108, width: 8) }
    mutating func setGroup(_ id: UInt32) -> Bool { fitting(Int64(id), at: 116, width: 8) }
    mutating func setSize(_ size: Int64) -> Bool { fitting(size, at: 124, width: 12) }
    mutating func setModified(_ seconds: Int64) -> Bool { fitting(seconds, at: 136, width: 12) }

    mutating func setDevice(_ device: DeviceNumber) -> Bool {
        let major = fitting(Int64(device.major), at: 329, width: 8)
        let minor = fitting(Int64(device.minor), at: 337, width: 8)
        return major && minor
    }

    private mutating func fitting(_ value: Int64, at offset: Int, width: Int) -> Bool {
        let limit = Int64(1) << (3 * (width - 1))
        let fits = value >= 0 && value < limit
        octal(fits ? value : 0, at: offset, width: width)
        return fits
    }

    private mutating func octal(_ value: Int64, at offset: Int, width: Int) {
        var rest = value
        for index in stride(from: offset + width - 2, through: offset, by: -1) {
            block[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest & 7)
            rest >>= 3
        }
        block[offset + width - 1] = 0
    }

    private mutating func put(_ bytes: [UInt8], at offset: Int, width: Int) {
        let kept = bytes.prefix(width)
        block.replaceSubrange(offset..<offset + kept.count, with: kept)
    }
}
