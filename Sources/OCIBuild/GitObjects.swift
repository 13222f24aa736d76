import Codecs
import Glibc
import LinuxSystem

/// The objects of a git repository, loose and in packs, as far as they are stored whole.
struct GitObjects {
    /// As much of a commit as is looked at: the lines before its message, with many parents.
    private static let limit = 64 << 10

    private let folder: Path

    /// Those in the folder `objects`.
    init(_ folder: Path) { self.folder = folder }

    /// The first bytes of a commit, whose name is of 40 hexadecimal digits; nil where it is not here as a whole.
    func beginning(ofCommit name: String) -> [UInt8]? {
        if let loose = loose(name) { return loose }
        guard let key = Self.bytes(ofHex: name) else { return nil }
        let packs = folder / "pack"
        for entry in (try? DirectoryListing.entries(at: packs)) ?? [] {
            guard let file = entry.name.string, file.hasPrefix("pack-"), file.hasSuffix(".idx"),
                let index = Self.open(packs / entry.name),
                let offset = Self.offset(of: key, in: index)
            else { continue }
            return Self.commit(at: offset, in: packs / Path(file.dropLast(3) + "pack"))
        }
        return nil
    }

    private func loose(_ name: String) -> [UInt8]? {
        let path = folder / Path(String(name.prefix(2))) / Path(String(name.dropFirst(2)))
        guard let stored = try? FileSystem.readFile(path, limit: 16 << 20),
            let object = stored.withUnsafeBytes({ ZlibStream.beginning(of: $0, limit: Self.limit) }),
            object.starts(with: "commit ".utf8), let end = object.firstIndex(of: 0)
        else { return nil }
        return Array(object[(end + 1)...])
    }

    /// Where a pack has an object, by its index of version 2: a table of how many names begin with at most each byte, the
    /// names in order, a check for each, and the offsets, of which large ones point into a further table.
    private static func offset(of key: [UInt8], in index: borrowing OwnedDescriptor) -> Int64? {
        func words(_ offset: Int64, _ count: Int) -> [UInt32]? {
            read(index, offset, count * 4).map { bytes in
                (0..<count).map { place in bytes[(place * 4)..<(place * 4 + 4)].reduce(0) { $0 << 8 | UInt32($1) } }
            }
        }
        guard let head = words(0, 2), head == [0xFF74_4F63, 2], let counts = words(8, 256) else { return nil }
        let first = Int(key[0])
        let total = Int64(counts[255])
        let low = first == 0 ? 0 : Int64(counts[first - 1])
        let high = Int64(counts[first])
        guard low < high, high <= total, let names = read(index, 1032 + low * 20, Int(high - low) * 20) else {
            return nil
        }
        guard let found = (0..<Int(high - low)).first(where: { names[($0 * 20)..<($0 * 20 + 20)].elementsEqual(key) })
        else { return nil }
        let offsets = 1032 + total * 24
        guard let short = words(offsets + (low + Int64(found)) * 4, 1)?.first else { return nil }
        guard short & 0x8000_0000 != 0 else { return Int64(short) }
        guard let long = words(offsets + total * 4 + Int64(short & 0x7FFF_FFFF) * 8, 2) else { return nil }
        return Int64(long[0]) << 32 | Int64(long[1])
    }

    /// The first bytes of a commit in a pack, unless it is stored as a difference to another.
    private static func commit(at offset: Int64, in pack: Path) -> [UInt8]? {
        guard offset >= 0, let file = open(pack),
            let stored = read(file, offset, 64 << 10, orLess: true), let head = stored.first,
            head >> 4 & 7 == 1, let end = stored.firstIndex(where: { $0 & 0x80 == 0 })
        else { return nil }
        return stored[(end + 1)...].withUnsafeBytes { ZlibStream.beginning(of: $0, limit: limit) }
    }

    /// A file to read; what else may have its name, a FIFO above all, is not waited for.
    private static func open(_ path: Path) -> OwnedDescriptor? {
        guard let file = try? OwnedDescriptor.open(path, O_RDONLY | O_NONBLOCK),
            (try? file.status())?.type == .regular
        else { return nil }
        return file
    }

    private static func read(
        _ file: borrowing OwnedDescriptor, _ offset: Int64, _ count: Int, orLess: Bool = false
    ) -> [UInt8]? {
        guard count > 0, count <= 64 << 20 else { return nil }
        var bytes = [UInt8](repeating: 0, count: count)
        let filled = bytes.withUnsafeMutableBytes { buffer in
            var filled = 0
            while filled < count {
                let room = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
                guard let more = try? file.read(into: room, at: offset + Int64(filled)), more > 0 else { break }
                filled += more
            }
            return filled
        }
        guard filled == count || orLess else { return nil }
        return Array(bytes[..<filled])
    }

    private static func bytes(ofHex text: String) -> [UInt8]? {
        let digits = text.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
        guard digits.count == 40 else { return nil }
        return stride(from: 0, to: 40, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}
