import Archive
import Codecs
import Glibc
import Layers
import LinuxSystem
import OCISpec
import Testing

@Suite("Layer writer")
struct LayerWriterTests {
    static func file(_ path: Path, size: Int64 = 0, modified: Int64 = 1000) -> ArchiveEntry {
        var entry = ArchiveEntry(path: path, type: .regular)
        entry.mode = 0o644
        entry.size = size
        entry.modified = FileTime(seconds: modified, nanoseconds: 999)
        return entry
    }

    @Test("DiffID and blob digest name the bytes, whatever the codec and the number of threads")
    func digests() throws {
        var diffIDs: Set<Digest> = []
        let content = Array(repeatElement(Array("0123456789abcdef\n".utf8), count: 150_000).joined())
        for compression in Compression.allCases {
            var blobs: Set<Digest> = []
            for threads in [1, 2, 8] {
                let output = BytesWriter()
                let writer = LayerWriter(output, options: .init(compression: compression, threads: threads))
                try writer.append(Self.file("a"), bytes: content)
                try writer.append(Self.file("b", size: 5), content: BytesReader(Array("hello".utf8)))
                try writer.appendWhiteout("c")
                let result = try writer.finish()
                #expect(result.descriptor.digest == Digest.sha256(of: output.bytes))
                #expect(result.descriptor.size == Int64(output.bytes.count))
                #expect(result.descriptor.mediaType == compression.mediaType)
                #expect(result.contents.whiteouts == ["c"] && result.contents.entries.count == 2)
                diffIDs.insert(result.diffID)
                blobs.insert(result.descriptor.digest)
            }
            #expect(blobs.count == 1, "\(compression)")
        }
        #expect(diffIDs.count == 1)
    }

    @Test("Order, names and lengths are checked")
    func refusals() throws {
        func attempt(_ body: (LayerWriter) throws -> Void) -> LayersError.Code? {
            code { try body(LayerWriter(BytesWriter(), options: .init(compression: .none))) }
        }
        #expect(
            attempt {
                try $0.append(Self.file("b")); try $0.append(Self.file("a"))
            } == .outOfOrder)
        #expect(
            attempt {
                try $0.append(Self.file("a")); try $0.append(Self.file("a"))
            } == .outOfOrder)
        #expect(attempt { try $0.append(Self.file("a/../b")) } == .unsafePath)
        #expect(attempt { try $0.append(Self.file("a/.wh.b")) } == .invalidEntry)
        #expect(attempt { try $0.append(Self.file("a", size: 3)) } == .invalidEntry)
        #expect(attempt { try $0.append(Self.file("a", size: 3), content: BytesReader([1, 2])) } == .unstableFile)
        #expect(
            attempt { try $0.append(Self.file("a", size: 3), content: BytesReader([1, 2, 3, 4])) } == .unstableFile)
        #expect(attempt { try $0.appendWhiteout("") } == .invalidWhiteout)
    }

    @Test(
        "A file of any size comes whole, and one that grew or shrank is refused, where pieces end too",
        arguments: [0, 1, 511, 65_535, 65_536, (1 << 20) - 513, (1 << 20) - 512, (1 << 20) - 511, 3 << 20])
    func edges(_ size: Int) throws {
        let folder = try TemporaryDirectory()
        let path = folder.path / "file"
        let content = [UInt8](unsafeUninitializedCapacity: size) { room, count in
            for index in 0..<size { room[index] = UInt8(truncatingIfNeeded: index &* 31 &+ index >> 8) | 1 }
            count = size
        }
        try FileSystem.writeFile(path, content, mode: 0o644)
        for threads in [1, 3] {
            func written(_ stated: Int) throws -> [UInt8] {
                let output = BytesWriter()
                let writer = LayerWriter(output, options: .init(compression: .none, threads: threads))
                let file = try OwnedDescriptor.open(path, O_RDONLY)
                try writer.append(Self.file("f", size: Int64(stated)), contentOf: file)
                let result = try writer.finish()
                #expect(result.diffID == result.descriptor.digest)
                #expect(Int(result.descriptor.size) == output.bytes.count)
                return output.bytes
            }
            let isWhole = try Array(written(size).dropFirst(512).prefix(size)) == content
            #expect(isWhole)
            for wrong in [size - 1, size + 1] where wrong >= 0 {
                #expect(code { _ = try written(wrong) } == .unstableFile)
            }
        }
    }

    @Test("A file that is not as long as its entry says is refused")
    func unstable() throws {
        let folder = try TemporaryDirectory()
        let path = folder.path / "file"
        try FileSystem.writeFile(path, [1, 2, 3], mode: 0o644)
        for size in [2, 4] as [Int64] {
            let writer = LayerWriter(BytesWriter(), options: .init(compression: .none))
            let file = try OwnedDescriptor.open(path, O_RDONLY)
            do {
                try writer.append(Self.file("f", size: size), contentOf: file)
                Issue.record("a file of 3 bytes passed for one of \(size)")
            } catch let error as LayersError {
                #expect(error.code == .unstableFile)
            }
        }
    }

    @Test("Later times are clamped, earlier ones kept; fractions are dropped")
    func times() throws {
        let output = BytesWriter()
        let writer = LayerWriter(output, options: .init(compression: .none, clampModified: 500))
        try writer.append(Self.file("early", modified: 499))
        try writer.append(Self.file("late", modified: 501))
        let times = try writer.finish().contents.entries.map(\.entry.modified)
        #expect(times == [FileTime(seconds: 499), FileTime(seconds: 500)])
        #expect(try TableScanner.scan(BytesReader(output.bytes)).entries.map(\.entry.modified) == times)
    }

    @Test("A sparse file comes out whole")
    func sparse() throws {
        let folder = try TemporaryDirectory()
        let path = folder.path / "sparse"
        let made = try OwnedDescriptor.open(path, O_WRONLY | O_CREAT, mode: 0o644)
        _ = pwrite(made.raw, "x", 1, 3 << 20)
        _ = ftruncate(made.raw, 9 << 20)
        let output = BytesWriter()
        let writer = LayerWriter(output, options: .init(compression: .none))
        let file = try OwnedDescriptor.open(path, O_RDONLY)
        try writer.append(Self.file("sparse", size: 9 << 20), contentOf: file)
        _ = try writer.finish()
        let root = folder.path / "root"
        try FileSystem.makeDirectory(root)
        _ = try LayerApplier(root: root, form: .direct).apply(BytesReader(output.bytes))
        let content = try FileSystem.readFile(root / "sparse", limit: 16 << 20)
        #expect(content.count == 9 << 20 && content[3 << 20] == UInt8(ascii: "x"))
        #expect(content.reduce(0) { $0 + Int($1) } == Int(UInt8(ascii: "x")))
    }
}
