import Codecs
import LinuxSystem
import OCIBuild
import OCISpec
import Testing

@testable import BuildEngine

@Suite("A layer in which little changed")
struct PieceReuseTests {
    private static let definition = "FROM base\nCOPY big /big\n"
    private static let size = 5 << 20

    /// Text of which no two lines are alike.
    private static func text(changedAt place: Int? = nil) -> String {
        var text = ""
        text.reserveCapacity(size)
        var number: UInt64 = 1
        while text.utf8.count < size {
            number = number &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            text += "\(number) lines of text\n"
        }
        guard let place else { return text }
        var bytes = Array(text.utf8)
        bytes[place] ^= 1
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func layer(_ workshop: Workshop, _ text: String) async throws -> Descriptor {
        try workshop.write("big", text)
        let image = try await workshop.build(definition)
        #expect(try await workshop.text("big", of: image) == text)
        return try #require(try await workshop.details(image).manifest.layers.last)
    }

    @Test("is the one that a new store makes of it, and its other pieces come from the blob before")
    func reuse() async throws {
        let (before, after) = (Self.text(), Self.text(changedAt: 2_500_000))
        let (workshop, other) = (try await Workshop(), try await Workshop())
        let old = try await Self.layer(workshop, before)
        let new = try await Self.layer(workshop, after)
        #expect(new.digest != old.digest)
        #expect(try await Self.layer(other, after) == new)

        // Where the store has another compression of a piece that does not change, that is what is taken.
        let store = other.builder.store
        let root = Path(other.builder.root)
        let known = try #require(KnownPieces(store, root: root, compression: .default))
        let tar = try DecompressingReader(sniffing: FileByteReader(store.blobPath(new.digest))).readAll(limit: 1 << 30)
        let piece = Array(tar[..<Compression.default.pieceSize])
        let planted = BytesWriter()
        let compressor = ParallelCompressor(.best, threads: 1, output: planted)
        try compressor.write(piece)
        let stream = try compressor.finish()
        #expect(planted.bytes.count < old.size / 2)
        try FileSystem.writeFile(store.blobPath(stream.digest), planted.bytes)
        let key = try #require(try Self.key(of: piece))
        try known.note([WrittenPiece(key: key, offset: 0, length: planted.bytes.count)], of: stream.digest)
        let taken = try await Self.layer(other, before)
        let blob = try FileSystem.readFile(store.blobPath(taken.digest), limit: 1 << 30)
        #expect(taken.digest != old.digest)
        let isTaken = blob.starts(with: planted.bytes)
        #expect(isTaken)
    }

    /// What a piece is looked for by.
    private static func key(of piece: [UInt8]) throws -> PieceKey? {
        let compressor = ParallelCompressor(.default, threads: 1, memory: Nothing(), output: BytesWriter())
        try compressor.write(piece)
        return try compressor.finish().pieces.first?.key
    }

    private struct Nothing: PieceMemory {
        func read(_ key: PieceKey, into output: UnsafeMutableRawBufferPointer) -> Int { 0 }
    }
}
