import Glibc
import LinuxSystem
import OCIContent
import OCISpec
import TestSupport
import Testing

@Suite struct BlobOriginsTests {
    let folder: TemporaryDirectory
    let origins: BlobOrigins
    let first = Digest(sha256: [UInt8](repeating: 1, count: 32))
    let second = Digest(sha256: [UInt8](repeating: 2, count: 32))

    init() throws {
        folder = try TemporaryDirectory()
        origins = BlobOrigins(storeRoot: folder.path)
    }

    private var files: Path { folder.path / "origins" }

    @Test func placesAreListedLatestFirstAndOnce() throws {
        #expect(origins.places(of: first).isEmpty)
        try origins.note([first, second], at: "127.0.0.1:5000/library/base")
        try origins.note([first], at: "layout:/srv/a layout")
        try origins.note([first, second], at: "127.0.0.1:5000/library/base")
        #expect(origins.places(of: first) == ["layout:/srv/a layout", "127.0.0.1:5000/library/base"])
        #expect(origins.places(of: second) == ["127.0.0.1:5000/library/base"])
        #expect(try DirectoryListing.entries(at: files).count == 2)
        for number in 0..<20 { try origins.note([first], at: "registry.example/\(number)") }
        #expect(origins.places(of: first).count == BlobOrigins.mostPlaces)
        #expect(origins.places(of: first).first == "registry.example/19")
    }

    @Test func whatIsKnownIsNotWrittenAgain() throws {
        try origins.note([first], at: "registry.example/a")
        let before = try FileSystem.status(files / Path(first.hex))
        try origins.note([first], at: "registry.example/a")
        #expect(try FileSystem.status(files / Path(first.hex)).inode == before.inode)
    }

    @Test func damageIsNoPlace() throws {
        try origins.note([first], at: "registry.example/a")
        try FileSystem.writeFile(files / Path(first.hex), [0xFF, 10, 0, 10] + Array("registry.example/b\n\n".utf8))
        #expect(origins.places(of: first) == ["registry.example/b"])
        try FileSystem.writeFile(files / Path(first.hex), [])
        #expect(origins.places(of: first).isEmpty)
        try origins.note([first], at: "registry.example/c")
        #expect(origins.places(of: first) == ["registry.example/c"])
        for bad in ["", "two\nlines", "a\u{0}b"] {
            #expect(throws: ContentError.self) { try origins.note([first], at: bad) }
        }
    }

    @Test func pruningKeepsWhatIsAskedForOnly() throws {
        try origins.note([first, second], at: "registry.example/a")
        try FileSystem.writeFile(files / ".left.by.a.crash", [1])
        #expect(try origins.prune(keeping: [second]) > 0)
        #expect(try DirectoryListing.entries(at: files).map(\.name) == [Path(second.hex)])
        #expect(try BlobOrigins(storeRoot: folder.path / "none").prune(keeping: []) == 0)
    }

    @Test func severalMayNoteAtOnce() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<BlobOrigins.mostPlaces {
                group.addTask { [origins, first, second] in
                    try await BlockingPool.shared.run {
                        // One of its own a task, as other processes would have.
                        try origins.note([first, second], at: "registry.example/\(number)")
                    }
                }
            }
            try await group.waitForAll()
        }
        for digest in [first, second] {
            #expect(
                origins.places(of: digest).sorted() == (0..<BlobOrigins.mostPlaces).map { "registry.example/\($0)" })
        }
    }

    @Test func aKilledWriterLeavesOldOrNew() async throws {
        let place: String = folder.path.description
        for milliseconds in [1, 5, 20] {
            await #expect(processExitsWith: .signal(SIGKILL)) {
                [place = place as String, milliseconds = milliseconds as Int] in
                Task.detached {
                    try await Task.sleep(for: .milliseconds(milliseconds))
                    kill(getpid(), SIGKILL)
                }
                let origins = BlobOrigins(storeRoot: Path(place))
                for number in 0..<UInt64.max {
                    let digests = (1...4).map { Digest(sha256: [UInt8](repeating: $0, count: 32)) }
                    try origins.note(digests, at: "registry.example/name\(number)")
                }
            }
            for byte: UInt8 in 1...4 {
                let places = origins.places(of: Digest(sha256: [UInt8](repeating: byte, count: 32)))
                #expect(places.allSatisfy { $0.hasPrefix("registry.example/name") })
            }
        }
        // The lock died with its holder.
        try origins.note([first], at: "registry.example/after")
        #expect(origins.places(of: first).first == "registry.example/after")
    }
}
