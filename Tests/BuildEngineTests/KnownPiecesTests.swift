import Codecs
import LinuxSystem
import OCIContent
import OCISpec
import Testing

@testable import BuildEngine

@Suite("The pieces of a store's blobs")
struct KnownPiecesTests {
    private let scratch: TemporaryDirectory
    private let store: LocalStore
    private let blob: Digest
    private let pieces = [
        WrittenPiece(key: PieceKey(crc32: 1, adler32: 2), offset: 0, length: 4),
        WrittenPiece(key: PieceKey(crc32: 1, adler32: 3), offset: 4, length: 6),
    ]

    init() throws {
        scratch = try TemporaryDirectory(prefix: "pieces-")
        store = try LocalStore(root: scratch.path)
        blob = Digest.sha256(of: Array("headfooter".utf8))
        try FileSystem.writeFile(store.blobPath(blob), Array("headfooter".utf8))
    }

    private func opened() throws -> KnownPieces {
        try #require(KnownPieces(store, root: scratch.path, compression: .default))
    }

    private func text(_ known: KnownPieces, _ adler: UInt32, room: Int = 100) -> String {
        var bytes = [UInt8](repeating: 0, count: room)
        let key = PieceKey(crc32: 1, adler32: adler)
        let count = bytes.withUnsafeMutableBytes { known.read(key, into: $0) }
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }

    @Test("are found by later builds, in the newest blob that has them")
    func found() throws {
        let known = try opened()
        #expect(text(known, 2) == "")
        try known.note(pieces, of: blob)
        for known in [known, try opened()] {
            #expect(text(known, 2) == "head")
            #expect(text(known, 3) == "footer")
            #expect(text(known, 3, room: 5) == "")
            #expect(text(known, 4) == "")
        }
        let newer = Digest.sha256(of: Array("HEAD".utf8))
        try FileSystem.writeFile(store.blobPath(newer), Array("HEAD".utf8))
        try opened().note([pieces[0]], of: newer)
        #expect(text(try opened(), 2) == "HEAD")
        #expect(text(try opened(), 3) == "footer")
    }

    @Test("are gone with their blob, and where the blob is too short")
    func gone() throws {
        try opened().note(pieces, of: blob)
        try FileSystem.writeFile(store.blobPath(blob), Array("headfoot".utf8))
        #expect(text(try opened(), 2) == "head")
        #expect(text(try opened(), 3) == "")
        try FileSystem.unlink(store.blobPath(blob))
        #expect(text(try opened(), 2) == "")
    }

    @Test(
        "survive a file that is damaged or cut short, as far as it is whole",
        arguments: [0, 1, 17, 18, 85, 86, 100, 133])
    func damaged(_ length: Int) throws {
        try opened().note(pieces, of: blob)
        let folder = scratch.path / "pieces"
        let name = try #require(
            try DirectoryListing.entries(at: folder).map(\.name).first { $0.string?.hasSuffix(".lock") == false })
        let whole = try FileSystem.readFile(folder / name, limit: 1 << 20)
        #expect(whole.count == 18 + 68 + 2 * 24)
        try FileSystem.writeFile(folder / name, Array(whole.prefix(length)))
        #expect(text(try opened(), 2) == "")
        try FileSystem.writeFile(folder / name, whole + whole.prefix(50))
        #expect(text(try opened(), 2) == "head")
        try FileSystem.writeFile(folder / name, whole.map { $0 ^ 0x55 })
        #expect(text(try opened(), 2) == "")
        try opened().note(pieces, of: blob)
        #expect(text(try opened(), 3) == "footer")
    }

    @Test("are forgotten when there are too many, the oldest first")
    func limit() throws {
        try opened().note(pieces, of: blob)
        let other = Digest.sha256(of: [1])
        let many = (0..<KnownPieces.limit - 2).map {
            WrittenPiece(key: PieceKey(crc32: 2, adler32: UInt32($0)), offset: 0, length: 1)
        }
        try opened().note(many, of: other)
        #expect(text(try opened(), 2) == "head")
        try opened().note([pieces[1]], of: Digest.sha256(of: [2]))
        #expect(text(try opened(), 2) == "")
    }
}
