import Archive
import Codecs
import LinuxSystem
import OCISpec
import Testing

@testable import BuildEngine

@Suite("The memory of files' digests")
struct ContentDigestsTests {
    private static func identity(_ inode: UInt64, changed: Int64 = 5) -> FileIdentity {
        FileIdentity(
            device: 1 << 40 | 7, inode: inode, size: Int64(truncatingIfNeeded: inode & 0xFFFF),
            modified: FileTime(seconds: -3, nanoseconds: 999),
            changed: FileTime(seconds: changed, nanoseconds: 123_456_789))
    }

    private static func record(_ inode: UInt64, changed: Int64 = 5, isPlain: Bool = true) -> DigestTable.Record {
        let digest = Digest.sha256(of: Array("\(inode)".utf8)).hex.utf8.prefix(32)
        return DigestTable.Record(
            identity: identity(inode, changed: changed), digest: ContentDigest(Array(digest)), isPlain: isPlain)
    }

    @Test("records come back as they were written, and nothing else is found")
    func roundTrip() {
        // Inodes that meet in the table's slots, too.
        let inodes = (1...500).map(UInt64.init) + [.max, 1 << 63, 0]
        let records = inodes.map { Self.record($0, isPlain: $0 % 2 == 0) }
        let table = DigestTable(DigestTable.encode(records, count: records.count))
        #expect(table.count == records.count)
        for record in records {
            let number = table.find(record.identity).match
            #expect(number.map { table[$0].digest } == record.digest)
            #expect(number.map { table[$0].isPlain } == record.isPlain)
            #expect(number.map { table[$0].identity } == record.identity)
        }
        let changed = table.find(Self.identity(9, changed: 6))
        #expect(changed.match == nil && changed.former == table.find(Self.identity(9)).match)
        #expect(table.find(Self.identity(501)) == (nil, nil))
    }

    @Test("a damaged table is an empty one")
    func damaged() {
        let bytes = DigestTable.encode([Self.record(1), Self.record(2)], count: 2)
        for length in 0..<bytes.count where (bytes.count - length) % 88 != 0 {
            #expect(DigestTable(Array(bytes[..<length])).count == 0)
        }
        #expect(DigestTable([0] + bytes.dropFirst()).count == 0)
        #expect(DigestTable([]).find(Self.identity(1)) == (nil, nil))
    }

    private func remembered(_ scratch: Path, _ inodes: some Sequence<UInt64>) throws -> [UInt64] {
        let digests = try ContentDigests(storeRoot: scratch, context: "/context")
        return inodes.filter { digests.known(Self.identity($0)) != nil }
    }

    @Test("what a build did not meet stays for the next definition, what changed does not")
    func others() throws {
        let scratch = try TemporaryDirectory()
        let now = FileTime(seconds: 1000)
        let first = try ContentDigests(storeRoot: scratch.path, context: "/context")
        for inode in 1...10 { first.remember(Self.record(UInt64(inode)), readAt: now) }
        first.save()
        #expect(try remembered(scratch.path, 0...11) == Array(1...10))

        let second = try ContentDigests(storeRoot: scratch.path, context: "/context")
        #expect(second.known(Self.identity(1)) != nil)
        #expect(second.known(Self.identity(2, changed: 6)) == nil)
        second.remember(Self.record(2, changed: 6), readAt: now)
        second.save()
        #expect(try remembered(scratch.path, 0...11) == [1] + Array(3...10))
        let third = try ContentDigests(storeRoot: scratch.path, context: "/context")
        #expect(third.known(Self.identity(2, changed: 6)) != nil)
        #expect(try ContentDigests(storeRoot: scratch.path, context: "/other").known(Self.identity(1)) == nil)
    }

    @Test("a file that changed a moment before it was read is not remembered")
    func tooFresh() throws {
        let scratch = try TemporaryDirectory()
        let digests = try ContentDigests(storeRoot: scratch.path, context: "/context")
        digests.remember(Self.record(1, changed: 999), readAt: FileTime(seconds: 1000))
        digests.remember(Self.record(2, changed: 998), readAt: FileTime(seconds: 1000))
        digests.save()
        let next = try ContentDigests(storeRoot: scratch.path, context: "/context")
        #expect(next.known(Self.identity(1, changed: 999)) == nil)
        #expect(next.known(Self.identity(2, changed: 998)) != nil)
    }

    @Test("what no build meets any more is forgotten in the end")
    func forgotten() throws {
        let scratch = try TemporaryDirectory()
        let first = try ContentDigests(storeRoot: scratch.path, context: "/context")
        for inode in 1...3000 { first.remember(Self.record(UInt64(inode)), readAt: FileTime(seconds: 1000)) }
        first.save()
        let second = try ContentDigests(storeRoot: scratch.path, context: "/context")
        #expect(second.known(Self.identity(7)) != nil)
        second.save()
        #expect(try remembered(scratch.path, 1...3000) == [7])
    }

    @Test("files are read once, links and attributes are seen, and a change is seen")
    func selection() async throws {
        let scratch = try TemporaryDirectory()
        let root = scratch.path / "context"
        try FileSystem.makeDirectories(root / "a/b")
        for (name, text) in [("a/b/one", "1"), ("a/two", "22"), ("a-b", "333"), ("a/b.x", "")] {
            try FileSystem.writeFile(root / Path(name), Array(text.utf8))
        }
        try FileSystem.link(root / "a/two", to: root / "a/two-again")
        try FileSystem.symlink(target: "b/one", at: root / "a/link")
        try ExtendedAttributes.set(Array("user.x".utf8), [1], of: root / "a/two")
        let digests = try ContentDigests(storeRoot: scratch.path / "store", context: root)
        let context = BuildContext(root: root, ignore: nil, ignoreFile: nil, digests: digests)
        let found = Solver.Boxed(value: try context.select(["."]))
        let selected = try await digests.completed(found, threads: 3).value
        let files = try #require(selected.sources.first).files
        #expect(
            files.map(\.path)
                == ["", "a", "a/b", "a/b/one", "a/b.x", "a/link", "a/two", "a/two-again", "a-b"] as [Path])
        for file in files where file.entry.type == .regular {
            let content = try FileSystem.readFile(try #require(file.content))
            #expect(file.digest == ContentDigest(content.withUnsafeBytes { BLAKE3.digest(of: $0) }), "\(file.path)")
        }
        #expect(files.filter { $0.entry.type != .regular }.allSatisfy { $0.digest == nil && $0.identity == nil })
        #expect(files[5].entry.linkTarget == "b/one")
        #expect(files[6].entry.attributes.map(\.value) == [[1]] && files[6].inode == files[7].inode)
        #expect(selected.isUnchanged)
        try FileSystem.writeFile(root / "a/b/one", Array("2".utf8))
        #expect(!selected.isUnchanged)
    }
}
