import LinuxSystem

/// Digests of files' content as they lie in one file, found by identity. Reading it costs one pass over memory, without
/// anything being made for each record.
struct DigestTable {
    /// What is known of one file.
    struct Record {
        var identity: FileIdentity
        var digest: ContentDigest
        /// True where the file has no extended attributes that a layer would keep.
        var isPlain: Bool
    }

    static let magic = Array("ocibuild-digests-3\n".utf8) + [UInt8](repeating: 0, count: 5)
    private static let recordSize = 7 * 8 + 32

    private let bytes: [UInt8]
    /// How many records there are.
    let count: Int
    /// Record numbers by a hash of the inode, -1 where there is none; its length is a power of two.
    private var slots: [Int32]

    /// The records of these bytes; none where they are not whole.
    init(_ bytes: [UInt8]) {
        let isWhole = bytes.starts(with: Self.magic) && (bytes.count - Self.magic.count) % Self.recordSize == 0
        self.bytes = isWhole ? bytes : []
        count = isWhole ? Int(clamping: (bytes.count - Self.magic.count) / Self.recordSize) : 0
        var length = 16
        while length < count * 2 { length *= 2 }
        slots = [Int32](repeating: -1, count: length)
        self.bytes.withUnsafeBytes { raw in
            slots.withUnsafeMutableBufferPointer { slots in
                for number in 0..<count {
                    var slot = Self.slot(of: Self.inode(raw, number), length)
                    while slots[slot] >= 0 { slot = (slot + 1) & (length - 1) }
                    slots[slot] = Int32(truncatingIfNeeded: number)
                }
            }
        }
    }

    /// The number of the record of that very file, and of the record of what it was before it was changed.
    func find(_ identity: FileIdentity) -> (match: Int?, former: Int?) {
        bytes.withUnsafeBytes { raw in
            var former: Int?
            var slot = Self.slot(of: identity.inode, slots.count)
            while slots[slot] >= 0 {
                let number = Int(slots[slot])
                if Self.inode(raw, number) == identity.inode {
                    let found = Self.identity(raw, number)
                    if found == identity { return (number, nil) }
                    if found.device == identity.device { former = number }
                }
                slot = (slot + 1) & (slots.count - 1)
            }
            return (nil, former)
        }
    }

    /// The record of that number.
    subscript(number: Int) -> Record {
        bytes.withUnsafeBytes { raw in
            let start = Self.start(number)
            return Record(
                identity: Self.identity(raw, number),
                digest: ContentDigest(UnsafeRawBufferPointer(rebasing: raw[start + 56..<start + 88])),
                isPlain: Self.word(raw, start + 48) >> 32 & 1 == 1)
        }
    }

    /// The bytes of a table of these records.
    static func encode(_ records: some Sequence<Record>, count: Int) -> [UInt8] {
        var bytes = magic
        bytes.reserveCapacity(magic.count + count * recordSize)
        for record in records {
            let identity = record.identity
            let words: [7 of UInt64] = [
                identity.device, identity.inode, UInt64(bitPattern: identity.size),
                UInt64(bitPattern: identity.modified.seconds), UInt64(bitPattern: identity.changed.seconds),
                UInt64(UInt32(bitPattern: identity.modified.nanoseconds))
                    | UInt64(UInt32(bitPattern: identity.changed.nanoseconds)) << 32,
                record.isPlain ? 1 << 32 : 0,
            ]
            for index in words.indices {
                withUnsafeBytes(of: words[index].littleEndian) { bytes.append(contentsOf: $0) }
            }
            record.digest.withBytes { bytes.append(contentsOf: $0) }
        }
        return bytes
    }

    private static func start(_ number: Int) -> Int { magic.count + number * recordSize }

    private static func word(_ raw: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
        UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    private static func inode(_ raw: UnsafeRawBufferPointer, _ number: Int) -> UInt64 { word(raw, start(number) + 8) }

    private static func identity(_ raw: UnsafeRawBufferPointer, _ number: Int) -> FileIdentity {
        let start = start(number)
        let fractions = word(raw, start + 40)
        return FileIdentity(
            device: word(raw, start), inode: word(raw, start + 8), size: Int64(bitPattern: word(raw, start + 16)),
            modified: FileTime(
                seconds: Int64(bitPattern: word(raw, start + 24)), nanoseconds: Int32(truncatingIfNeeded: fractions)),
            changed: FileTime(
                seconds: Int64(bitPattern: word(raw, start + 32)),
                nanoseconds: Int32(truncatingIfNeeded: fractions >> 32)))
    }

    private static func slot(of inode: UInt64, _ length: Int) -> Int {
        Int(truncatingIfNeeded: (inode &* 0x9E37_79B9_7F4A_7C15) >> 20) & (length - 1)
    }
}
