import Codecs
import LinuxSystem
import Testing

@testable import BuildEngine

@Suite("Files are read for their digests by several threads")
struct DigestReadingTests {
    private static let part = FileParts.length
    private static let segment = SegmentedFile.segmentLength

    /// Made once: much is hashed here, and nothing of it optimised.
    private static let sample = {
        let words = (0..<(2 * segment + part) / 8 + 1).map { UInt64(bitPattern: Int64($0)) &* 0x9E37_79B9_7F4A_7C15 }
        return words.withUnsafeBytes { Array($0) }
    }()

    private static func content(_ length: Int) -> [UInt8] { Array(sample[..<length]) }

    private static func digest(_ bytes: [UInt8]) -> ContentDigest {
        ContentDigest(bytes.withUnsafeBytes { BLAKE3.digest(of: $0) })
    }

    /// Selects a file of this content, changes it by `change`, and returns the digest that is read then.
    private func digest(
        _ content: [UInt8], threads: Int = 2, change: (Path) throws -> Void = { _ in }
    ) async throws -> (digest: ContentDigest?, isUnchanged: Bool) {
        let scratch = try TemporaryDirectory()
        let root = scratch.path / "context"
        try FileSystem.makeDirectories(root)
        try FileSystem.writeFile(root / "file", content)
        try FileSystem.writeFile(root / "other", [1])
        let digests = try ContentDigests(storeRoot: scratch.path / "store", context: root)
        let context = BuildContext(root: root, ignore: nil, ignoreFile: nil, digests: digests)
        let found = Solver.Boxed(value: try context.select(["."]))
        try change(root / "file")
        let selected = try await digests.completed(found, threads: threads).value
        let files = try #require(selected.sources.first).files
        #expect(files.map(\.path) == ["", "file", "other"] as [Path])
        #expect(files[2].digest == Self.digest([1]))
        return (files[1].digest, selected.isUnchanged)
    }

    @Test("in one piece, in parts or in segments, and whether or not the last of them is whole")
    func lengths() async throws {
        let lengths = [0, 1, Self.part, 2 * Self.part, Self.segment, 2 * Self.segment]
        for length in lengths.flatMap({ [max(0, $0 - 1), $0, $0 + 1] }) {
            let content = Self.content(length)
            let read = try await digest(content)
            #expect(read.digest == Self.digest(content), "\(length)")
            #expect(read.isUnchanged)
        }
    }

    @Test("however many of them", arguments: [1, 2, 3, 8])
    func threads(_ threads: Int) async throws {
        let content = Self.content(2 * Self.segment + Self.part - 12_345)
        #expect(try await digest(content, threads: threads).digest == Self.digest(content))
    }

    @Test("a file that became shorter has the digest of what it is now, and is seen to have changed")
    func shorter() async throws {
        for length in [Self.part - 7, Self.part, Self.segment + 3, 2 * Self.segment] {
            let content = Self.content(length)
            for rest in [0, Self.part - 8, Self.part, Self.segment] where rest < length {
                let now = Array(content[..<rest])
                let read = try await digest(content) { try FileSystem.writeFile($0, now) }
                #expect(read.digest == Self.digest(now), "\(length) \(rest)")
                #expect(!read.isUnchanged)
            }
        }
    }

    @Test("a file that became longer has the digest of what it is now, and is seen to have changed")
    func longer() async throws {
        for length in [0, 5, Self.part, Self.segment, Self.segment + 1] {
            for more in [1, Self.part] {
                let now = Self.content(length + more)
                let read = try await digest(Array(now[..<length])) { try FileSystem.writeFile($0, now) }
                #expect(read.digest == Self.digest(now), "\(length) \(more)")
                #expect(!read.isUnchanged)
            }
        }
    }

    @Test("a FIFO in the place of a file is an error, and nobody waits for its writer", arguments: [10, 2 << 20])
    func replaced(_ length: Int) async throws {
        await #expect(throws: SystemError.self) {
            try await digest(Self.content(length)) {
                try FileSystem.unlink($0)
                try FileSystem.makeNode($0, type: .fifo, mode: 0o600)
            }
        }
    }

    @Test("a file that went is an error", arguments: [10, 2 << 20])
    func gone(_ length: Int) async throws {
        await #expect(throws: SystemError.self) {
            try await digest(Self.content(length)) { try FileSystem.unlink($0) }
        }
    }
}
