import Archive
import LinuxSystem
import Testing

@Suite("Hostile tars")
struct HostileTarTests {
    typealias V = TarVector

    @Test("The size of a PAX record wins over the header's, and what is inside a file is never read as a header")
    func sizePrecedence() throws {
        let inner = V.file("inner", "evil")
        let tar = V.extended(V.record("size", "\(inner.count)")) + V.block("outer") + inner + V.file("last") + V.end
        let items = try V.read(tar)
        #expect(items.map(\.entry.path) == ["outer", "last"])
        #expect(items.first?.content == inner)
    }

    static let malformedRecords: [[UInt8]] = [
        V.bytes("99 path=evil\n"), V.bytes("10 path=x"), V.bytes("9 path=xx"), V.bytes("path=x\n"), V.bytes("0 a=b\n"),
        V.bytes("-6 a=b\n"), V.bytes(" 6 a=b\n"), V.bytes("6 ab\n\n"), V.bytes("5 =b\n"), V.bytes("6a=b\n"),
        V.bytes("99999999999999999999 a=b\n"), V.bytes("6 a=b\ntrailing"), V.bytes("3 \n"), V.bytes("2 "), [0x36],
        V.record("path", [0x61, 0, 0x62]), V.record("linkpath", [0x61, 0]), V.record("a\u{0}b", "c"),
        V.record("size", "-1"), V.record("size", "2junk"), V.record("size", " 2"), V.record("size", "0x2"),
        V.record("size", "99999999999999999999"), V.record("uid", "abc"), V.record("uid", "-1"),
        V.record("uid", "4294967295"), V.record("uid", "4294967296"), V.record("gid", "99999999999999999999999"),
        V.record("mtime", "NaN"), V.record("mtime", "inf"), V.record("mtime", "1e5"), V.record("mtime", "1.2.3"),
        V.record("mtime", "1.-2"), V.record("mtime", "."), V.record("mtime", "9223372036854775808"),
        V.record("mtime", "-9223372036854775808.5"),
    ]

    @Test("A malformed extended header is an error, never skipped", arguments: malformedRecords)
    func malformedExtendedHeader(body: [UInt8]) {
        let error = V.failure(V.extended(body) + V.file("a") + V.end)
        #expect(error?.code == .malformed || error?.code == .outOfRange)
    }

    @Test("Large headers and maps are refused before they are held", arguments: ["x", "g", "L", "K"] as [Character])
    func largeHeaders(type: Character) {
        for size in [1 << 20 + 1, 1 << 30, 0o77777777777] {
            #expect(V.failure(V.block("long", type: type, size: size))?.code == .limit)
        }
    }

    @Test("Numbers beyond their range are errors, in octal and in base 256")
    func numbers() {
        let patterns: [[UInt8]] = [
            [0xFF] + [UInt8](repeating: 0xFF, count: 11), [0x80, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0],
            [0xBF] + [UInt8](repeating: 0xFF, count: 11), [0x80] + [UInt8](repeating: 0xFF, count: 11),
            V.bytes("99999999999\u{0}"), V.bytes("-0000000001\u{0}"), V.bytes("12 45\u{0}"), V.bytes("0x10\u{0}"),
        ]
        for pattern in patterns {
            let tar = V.block("a") { $0.replaceSubrange(124..<124 + pattern.count, with: pattern) } + V.end
            #expect(V.failure(tar) != nil, "size \(pattern)")
        }
        for pattern in [[0xFF] + [UInt8](repeating: 0xFF, count: 7), [0x80, 0, 0, 1, 0, 0, 0, 0], V.bytes("9\u{0}")] {
            for offset in [108, 116] {
                let tar = V.block("a") { $0.replaceSubrange(offset..<offset + pattern.count, with: pattern) } + V.end
                #expect(V.failure(tar) != nil, "id \(pattern)")
            }
        }
        let device = V.block("d", type: "3") { V.put("7777777", at: 329, in: &$0) } + V.end
        #expect(V.failure(device)?.code == .outOfRange)
    }

    @Test("Times before 1970, with fractions and far ahead are read exactly")
    func times() throws {
        let times: [(String, FileTime)] = [
            ("-100.000000005", FileTime(seconds: -101, nanoseconds: 999_999_995)),
            ("-100", FileTime(seconds: -100)), ("1099511627776", FileTime(seconds: 1 << 40)),
            ("1.5", FileTime(seconds: 1, nanoseconds: 500_000_000)), ("1.", FileTime(seconds: 1)),
            ("-0.25", FileTime(seconds: -1, nanoseconds: 750_000_000)),
            ("1.0000000019", FileTime(seconds: 1, nanoseconds: 1)),
        ]
        for (text, time) in times {
            let items = try V.read(V.extended(V.record("mtime", text)) + V.file("a") + V.end)
            #expect(items.map(\.entry.modified) == [time], "\(text)")
        }
        let negative = V.block("a") { $0.replaceSubrange(136..<148, with: [UInt8](repeating: 0xFF, count: 12)) }
        #expect(try V.read(negative + V.end).map(\.entry.modified.seconds) == [-1])
    }

    @Test("Names are cleaned, and what leads upwards is left to be seen")
    func names() throws {
        let names: [(String, Path)] = [
            ("./a", "a"), ("/a", "a"), ("//a//b/", "a/b"), ("./", ""), ("/", ""), (".", ""), ("a/./b", "a/b"),
            ("../a", "../a"), ("a/../../b", "a/../../b"), ("/../etc", "../etc"),
        ]
        for (name, path) in names {
            #expect(try V.read(V.block(name, type: "5") + V.end).map(\.entry.path) == [path], "\(name)")
        }
        let reader = try ArchiveReader(BytesReader(V.block("/../x") + V.end), formats: .tar)
        _ = try reader.next()
        #expect(reader.rawPath == V.bytes("/../x"))
        #expect(V.failure(V.block("") + V.end)?.code == .malformed)
        #expect(V.failure(V.block("l", type: "2") + V.end)?.code == .malformed)
    }

    @Test("Unknown types and contradictory headers are refused")
    func kinds() {
        for type in ["8", "D", "M", "N", "X", "A", "\u{7F}"] as [Character] {
            #expect(V.failure(V.block("a", type: type) + V.end)?.code == .unsupported, "\(type)")
        }
        let twice = V.extended(V.record("path", "a")) + V.extended(V.record("path", "b")) + V.file("c")
        #expect(V.failure(twice + V.end)?.code == .malformed)
        #expect(V.failure(V.extended(V.record("path", "a")) + V.end)?.code == .truncated)
        for key in ["path", "size", "linkpath", "GNU.sparse.size", "SCHILY.xattr.user.a"] {
            let global = V.extended(V.record(key, "1"), type: "g") + V.file("a") + V.end
            #expect(V.failure(global)?.code == .unsupported, "\(key)")
        }
        var damaged = V.file("a")
        damaged[0] ^= 1
        #expect(V.failure(damaged + V.end)?.code == .malformed)
        #expect(V.failure([UInt8](repeating: 0x41, count: 4096))?.code == .malformed)
    }

    @Test("A global comment and a volume label are passed over")
    func harmless() throws {
        let tar = V.block("label", type: "V") + V.extended(V.record("comment", "0123"), type: "g") + V.file("a") + V.end
        #expect(try V.read(tar).map(\.entry.path) == ["a"])
    }

    @Test("Headers of links that state a size have no content, as in Go")
    func linkSizes() throws {
        let link = V.block("l", type: "1", size: 700) { V.put("a", at: 157, in: &$0) }
        let items = try V.read(V.file("a") + link + V.file("b") + V.end)
        #expect(items.map(\.entry.path) == ["a", "l", "b"])
        #expect(items.map(\.entry.size) == [2, 0, 2])
    }

    @Test("Whatever byte is cut or flipped: an error or whole entries, never half of one")
    func damage() throws {
        let tar =
            V.extended(V.record("path", "long") + V.record("SCHILY.xattr.user.a", "1")) + V.file("a", "content of a")
            + V.block("././@LongLink", type: "L", size: 3) + V.padded([0x78, 0x79, 0]) + V.file("b", "bb") + V.end
        let whole = try V.read(tar)
        for length in 0..<tar.count {
            guard let items = try? V.read(Array(tar[..<length])) else { continue }
            #expect(items == Array(whole.prefix(items.count)), "cut at \(length)")
            #expect(length % 512 == 0 && [0, 2048].contains(length) || length >= tar.count - 1024, "cut at \(length)")
        }
        for place in 0..<tar.count {
            var damaged = tar
            damaged[place] ^= 0x55
            _ = try? V.read(damaged)
        }
    }

    @Test("Limits on entries and bytes hold")
    func limits() {
        let tar = (0..<10).flatMap { V.file("f\($0)", "0123456789") } + V.end
        #expect(V.failure(tar, limits: ArchiveLimits(entries: 9))?.code == .limit)
        #expect(V.failure(tar, limits: ArchiveLimits(totalBytes: 5000))?.code == .limit)
        let zeros = tar + [UInt8](repeating: 0, count: 1 << 20)
        #expect(V.failure(zeros, limits: ArchiveLimits(totalBytes: 100_000))?.code == .limit)
        #expect(
            V.failure(V.block("big", size: 0o77777777777), limits: ArchiveLimits(totalBytes: 1 << 30))?.code == .limit)
    }

    @Test("Bytes after the end mark are read, and are no entries")
    func trailing() throws {
        let source = BytesReader(V.file("a") + V.end + V.file("hidden") + [UInt8](repeating: 7, count: 300_000))
        let reader = try ArchiveReader(source, formats: .tar)
        #expect(try reader.next()?.path == "a")
        #expect(try reader.next() == nil)
        #expect(try reader.next() == nil)
        var byte = [UInt8](repeating: 0, count: 1)
        #expect(try byte.withUnsafeMutableBytes { try source.read(into: $0) } == 0)
        #expect(V.failure(V.file("a") + [UInt8](repeating: 0, count: 512) + V.file("b"))?.code == .malformed)
        #expect(try V.read([]).isEmpty)
        #expect(try V.read(V.file("a")).count == 1)
    }

    @Test("An error of the source is passed on as it is")
    func sourceErrors() throws {
        final class Failing: ByteReader {
            func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int { throw Errno(code: 5) }
        }
        #expect(throws: Errno(code: 5)) { try ArchiveReader(Failing(), formats: .tar).next() }
        #expect(throws: Errno(code: 5)) { try ArchiveReader(Failing(), formats: .any).next() }
    }

    @Test("Random bytes behind a right checksum never crash the reader")
    func fuzz() {
        var generator = SplitMix(state: 3)
        let seeds = [V.file("a"), V.extended(V.record("size", "12") + V.record("mtime", "1.5")) + V.file("b")]
        for round in 0..<4000 {
            var tar = V.block(
                "n", type: ["0", "S", "x", "L", "5"][round % 5], size: round % 700, magic: "ustar  \u{0}"
            ) {
                for _ in 0..<Int.random(in: 1...40, using: &generator) {
                    $0[Int.random(in: 0..<512, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
                }
            }
            tar += seeds[round % 2]
            for _ in 0..<round % 4 {
                tar[Int.random(in: 512..<tar.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            _ = try? V.read(tar + V.end, limits: ArchiveLimits(totalBytes: 1 << 20), step: 4096)
        }
    }
}
