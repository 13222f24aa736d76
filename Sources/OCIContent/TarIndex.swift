import Glibc
import LinuxSystem

/// Where the files in a tar archive lie, found by reading its headers only.
///
/// Just enough of tar for image archives (ustar, PAX and GNU long names); what it cannot place exactly (sparse files,
/// malformed headers) is refused, never guessed.
struct TarIndex: Sendable {
    /// A member of the archive.
    enum Member: Sendable, Hashable {
        /// A file whose content is this byte range of the archive.
        case file(offset: Int64, size: Int64)
        /// A symbolic or hard link to another member; the target is a path in the archive.
        case link(Path)
    }

    private static let block: Int64 = 512
    private static let longestMetadata: Int64 = 1 << 20
    private static let mostMembers = 200_000

    /// Members by path, without a leading `/` or `./`. Of members with the same path the last counts.
    private(set) var members: [Path: Member] = [:]

    /// Reads the headers of the archive in `path`.
    init(of path: Path) throws {
        let file = try OwnedDescriptor.open(path, O_RDONLY)
        let size = try file.status().size
        var offset: Int64 = 0
        var next = Overrides()
        var emptyBlocks = 0
        while offset + Self.block <= size {
            let bytes = try Self.bytes(file, offset, Self.block)
            offset += Self.block
            if bytes.allSatisfy({ $0 == 0 }) {
                emptyBlocks += 1
                if emptyBlocks == 2 { break }
                continue
            }
            emptyBlocks = 0
            let header = try TarHeader(bytes, at: offset - Self.block)
            let length = header.takesSizeRecord ? next.size ?? header.size : header.size
            let (end, overflow) = offset.addingReportingOverflow(length)
            guard !overflow, end <= size else { throw TarHeader.malformed(offset, "a member reaches beyond the end") }
            switch header.type {
            case UInt8(ascii: "x"), UInt8(ascii: "L"), UInt8(ascii: "K"):
                guard length <= Self.longestMetadata else { throw TarHeader.malformed(offset, "an oversized header") }
                try next.take(try Self.bytes(file, offset, length), kind: header.type, at: offset)
            case UInt8(ascii: "g"):
                break
            default:
                try add(header, next, offset: offset, length: length)
                next = Overrides()
            }
            let padding = (Self.block - length % Self.block) % Self.block
            offset = end + padding
        }
    }

    private mutating func add(_ header: TarHeader, _ next: Overrides, offset: Int64, length: Int64) throws {
        let path = Self.normal(next.path ?? header.path)
        guard members.count < Self.mostMembers else { throw TarHeader.malformed(offset, "too many members") }
        switch header.type {
        case 0, UInt8(ascii: "0"), UInt8(ascii: "7"):
            members[path] = .file(offset: offset, size: length)
        case UInt8(ascii: "1"):
            members[path] = .link(Self.normal(next.link ?? header.link))
        case UInt8(ascii: "2"):
            let target = next.link ?? header.link
            let base = target.isAbsolute ? Path("") : path.parent ?? ""
            members[path] = .link(Self.normal(base / target))
        case UInt8(ascii: "S"):
            throw TarHeader.malformed(offset, "a sparse member")
        default:
            break
        }
    }

    /// The file that `path` leads to, through links if need be.
    func file(_ path: Path) -> (offset: Int64, size: Int64)? {
        var path = Self.normal(path)
        for _ in 0..<16 {
            switch members[path] {
            case .file(let offset, let size): return (offset, size)
            case .link(let target): path = target
            case nil: return nil
            }
        }
        return nil
    }

    private static func normal(_ path: Path) -> Path {
        Path("").appending(Path("/").appending(path).lexicallyNormalized())
    }

    private static func bytes(
        _ file: borrowing OwnedDescriptor, _ offset: Int64, _ count: Int64
    ) throws -> [UInt8] {
        let raw = file.raw
        var bytes = [UInt8](repeating: 0, count: Int(count))
        var filled = 0
        while filled < bytes.count {
            let got = try checked("pread") {
                bytes.withUnsafeMutableBytes {
                    pread(raw, $0.baseAddress?.advanced(by: filled), $0.count - filled, off_t(offset) + filled)
                }
            }
            guard got > 0 else { throw TarHeader.malformed(offset, "the archive ends too early") }
            filled += got
        }
        return bytes
    }

    /// What extension headers say about the member that follows.
    private struct Overrides {
        var path: Path?
        var link: Path?
        var size: Int64?

        mutating func take(_ bytes: [UInt8], kind: UInt8, at offset: Int64) throws {
            switch kind {
            case UInt8(ascii: "L"): path = Path(bytes: bytes)
            case UInt8(ascii: "K"): link = Path(bytes: bytes)
            default: try takeRecords(bytes[...], at: offset)
            }
        }

        /// PAX records: `length key=value\n`.
        private mutating func takeRecords(_ records: ArraySlice<UInt8>, at offset: Int64) throws {
            var rest = records
            while let first = rest.first, first != 0 {
                guard let space = rest.firstIndex(of: UInt8(ascii: " ")),
                    let length = Int(String(decoding: rest[..<space], as: UTF8.self)),
                    length > space - rest.startIndex + 1, length <= rest.count,
                    rest[rest.startIndex + length - 1] == UInt8(ascii: "\n")
                else { throw TarHeader.malformed(offset, "a malformed PAX record") }
                let record = rest[(space + 1)..<(rest.startIndex + length - 1)]
                rest = rest[(rest.startIndex + length)...]
                guard let equals = record.firstIndex(of: UInt8(ascii: "=")) else {
                    throw TarHeader.malformed(offset, "a malformed PAX record")
                }
                let value = record[(equals + 1)...]
                switch String(decoding: record[..<equals], as: UTF8.self) {
                case "path": path = Path(bytes: value)
                case "linkpath": link = Path(bytes: value)
                case "size":
                    guard let number = Int64(String(decoding: value, as: UTF8.self)), number >= 0 else {
                        throw TarHeader.malformed(offset, "a malformed size")
                    }
                    size = number
                case let key where key.hasPrefix("GNU.sparse"):
                    throw TarHeader.malformed(offset, "a sparse member")
                default: break
                }
            }
        }
    }
}

/// The fields of a tar header that say what and where a member is.
struct TarHeader {
    let path: Path
    let link: Path
    let type: UInt8
    let size: Int64

    /// Whether a PAX record of the size is about this header: not about extension headers between them, nor about types
    /// that have no content.
    var takesSizeRecord: Bool { !"xgLK123456".utf8.contains(type) }

    static func malformed(_ offset: Int64, _ what: String) -> ContentError {
        ContentError(.archiveInvalid, "byte \(offset)", "\(what); not an image archive, or a damaged one")
    }

    init(_ bytes: [UInt8], at offset: Int64) throws {
        let stored = try Self.number(bytes[148..<156], at: offset)
        let sum = bytes.enumerated().reduce(Int64(0)) { sum, item in
            sum + Int64((148..<156).contains(item.offset) ? 0x20 : item.element)
        }
        guard stored == sum else { throw Self.malformed(offset, "a header with a wrong checksum") }
        type = bytes[156]
        link = Path(bytes: bytes[157..<257])
        let isUstar = bytes[257..<263].elementsEqual(Array("ustar".utf8) + [0])
        let prefix = isUstar ? Path(bytes: bytes[345..<500]) : Path("")
        path = prefix / Path(bytes: bytes[0..<100])
        switch type {
        case UInt8(ascii: "1"), UInt8(ascii: "2"), UInt8(ascii: "3"), UInt8(ascii: "4"), UInt8(ascii: "5"),
            UInt8(ascii: "6"):
            // These have no content, whatever their size field says.
            size = 0
        default:
            size = try Self.number(bytes[124..<136], at: offset)
        }
    }

    /// Octal digits, or base 256 with the high bit set.
    private static func number(_ field: ArraySlice<UInt8>, at offset: Int64) throws -> Int64 {
        if let first = field.first, first & 0x80 != 0 {
            guard first == 0x80, field.dropFirst().dropLast(8).allSatisfy({ $0 == 0 }) else {
                throw malformed(offset, "a number out of range")
            }
            let value = field.suffix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            guard let number = Int64(exactly: value) else { throw malformed(offset, "a number out of range") }
            return number
        }
        let digits = field.drop { $0 == 0x20 }.prefix { $0 != 0x20 && $0 != 0 }
        guard digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x37 }) else { throw malformed(offset, "a malformed number") }
        return digits.reduce(0) { $0 << 3 | Int64($1 - 0x30) }
    }
}
