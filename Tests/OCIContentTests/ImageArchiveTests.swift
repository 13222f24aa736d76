import Archive
import Codecs
import LinuxSystem
import OCIContent
import OCISpec
import TestSupport
import Testing

@Suite struct ImageArchiveTests {
    let folder: TemporaryDirectory
    let memory = MemoryStore()

    init() throws {
        folder = try TemporaryDirectory()
    }

    private func path(_ name: String) -> String { (folder.path / Path(name)).description }

    private func compare(_ image: RandomImage, in archive: ImageArchive) async throws {
        for blob in image.blobs {
            #expect(try await archive.contains(blob))
            let expected = try await memory.bytes(of: blob, limit: .max)
            #expect(try await archive.bytes(of: blob, limit: .max) == expected)
            let file = try #require(try await archive.file(of: blob))
            #expect(try file.reader().readAll(limit: .max) == expected)
        }
    }

    @Test(arguments: ImageArchive.Format.allCases, [Compression.none, .default, .zstd])
    func roundTrip(_ format: ImageArchive.Format, _ compression: Compression) async throws {
        let image = try await RandomImage.make(in: memory, fileSize: 300_000, compression: compression)
        let names = [try Reference(parsing: "app:1"), try Reference(parsing: "example.com/app:2")]
        let archived = ArchivedImage(descriptor: image.descriptor, references: names)
        try await ImageArchive.write([archived], from: memory, as: format, toFile: path("a.tar"))
        let archive = try await ImageArchive.open(file: path("a.tar"))
        #expect(archive.images == [archived])
        #expect(try archive.image(named: names[1]).descriptor == image.descriptor)
        #expect(throws: ContentError.self) { try archive.image(named: Reference(parsing: "other")) }
        try await compare(image, in: archive)
        let store = try LocalStore(root: folder.path / "store")
        try await copy(image.descriptor, from: archive, to: store)
        #expect(try store.verify().absent.isEmpty)
        #expect(try DirectoryListing.entries(at: folder.path).count == 2)
    }

    @Test func sameImagesSameBytes() async throws {
        let first = try await RandomImage.make(in: memory, seed: 1)
        let second = try await RandomImage.make(in: memory, seed: 2)
        let images = [first, second].enumerated().map { number, image in
            ArchivedImage(
                descriptor: image.descriptor,
                references: [Reference(domain: "docker.io", repository: "library/x", tag: "\(number)")])
        }
        let store = try LocalStore(root: folder.path / "store")
        for image in [second, first] { try await copy(image.descriptor, from: memory, to: store) }
        try await ImageArchive.write(images, from: memory, as: .docker, toFile: path("a.tar"))
        try await ImageArchive.write(images, from: store, as: .docker, toFile: path("b.tar"))
        #expect(try FileSystem.readFile(Path(path("a.tar"))) == FileSystem.readFile(Path(path("b.tar"))))
    }

    @Test func compressedArchives() async throws {
        let image = try await RandomImage.make(in: memory)
        let archived = ArchivedImage(descriptor: image.descriptor, references: [])
        try await ImageArchive.write([archived], from: memory, as: .oci, toFile: path("a.tar"))
        let compressed = BytesWriter()
        let compressor = ParallelCompressor(.default, threads: 1, output: compressed)
        try compressor.write(FileSystem.readFile(Path(path("a.tar"))))
        try compressor.finish()
        try FileSystem.writeFile(Path(path("a.tar.gz")), compressed.bytes)
        let archive = try await ImageArchive.open(file: path("a.tar.gz"))
        #expect(archive.images == [archived])
        try await compare(image, in: archive)
    }

    /// The format of Docker before 25: one folder a layer, uncompressed, repeated layers as links.
    private func legacyArchive(_ image: RandomImage, format: String = "layer") async throws -> [UInt8] {
        let output = BytesWriter()
        let tar = TarWriter(output)
        func add(_ path: String, _ bytes: [UInt8]) throws {
            try tar.append(ArchiveEntry(path: Path(path), type: .regular, mode: 0o644, size: Int64(bytes.count)))
            try bytes.withUnsafeBytes { try tar.write($0) }
        }
        let config = try await memory.bytes(of: image.manifest.config)
        for (number, layer) in image.manifest.layers.enumerated() {
            try tar.append(ArchiveEntry(path: Path("\(format)\(number)"), type: .directory, mode: 0o755))
            try add("\(format)\(number)/VERSION", Array("1.0".utf8))
            if number == 1 {
                try add("\(format)real/layer.tar", try await memory.bytes(of: layer))
                let real = try #require(Path("\(format)real").lastComponent)
                try tar.append(
                    ArchiveEntry(
                        path: Path("\(format)1/layer.tar"), type: .symlink, linkTarget: ".." / real / "layer.tar"))
            } else {
                try add("\(format)\(number)/layer.tar", try await memory.bytes(of: layer))
            }
        }
        try add("config.json", config)
        let layers = image.manifest.layers.indices.map { #""\#(format)\#($0)/layer.tar""# }.joined(separator: ",")
        let entry = #"[{"Config":"config.json","RepoTags":["old:1"],"Layers":[\#(layers)]}]"#
        try add("manifest.json", Array(entry.utf8))
        try tar.finish()
        return output.bytes
    }

    @Test(arguments: ["layer", "a-rather-long-name/" + String(repeating: "0123456789", count: 12) + "/"])
    func dockerSaveOfOld(_ format: String) async throws {
        let image = try await RandomImage.make(in: memory, compression: .none)
        try FileSystem.writeFile(Path(path("old.tar")), try await legacyArchive(image, format: format))
        let archive = try await ImageArchive.open(file: path("old.tar"))
        let found = try archive.image(named: Reference(parsing: "old:1"))
        let store = try LocalStore(root: folder.path / "store")
        try await copy(found.descriptor, from: archive, to: store)
        let manifest = try await store.manifest(of: found.descriptor)
        #expect(manifest.config.digest == image.manifest.config.digest)
        #expect(manifest.layers.map(\.digest) == image.config.rootfs.diffIDs)
        #expect(manifest.layers.allSatisfy { $0.mediaType == .ociLayer })
    }

    /// POSIX: the size in an extended header is that of the next file, not of another extension header on the way to it.
    @Test func sizeOfAnExtendedHeaderIsTheFiles() async throws {
        let image = try await RandomImage.make(in: memory, compression: .none)
        let plain = try await legacyArchive(image)
        let record = Array("25 size=0000000000000512\n".utf8) + [UInt8](repeating: 0, count: 487)
        let name = Array("some/other/name".utf8) + [UInt8](repeating: 0, count: 497)
        let start =
            Self.header("pax", type: "x", size: 25) + record + Self.header("long", type: "L", size: 16) + name
            + Self.header("short", type: "0", size: 0) + [UInt8](repeating: 7, count: 512)
        try FileSystem.writeFile(Path(path("pax.tar")), start + plain)
        let archive = try await ImageArchive.open(file: path("pax.tar"))
        let found = try archive.image(named: Reference(parsing: "old:1"))
        #expect(try await archive.manifest(of: found.descriptor).layers.count == image.manifest.layers.count)
    }

    private static func header(_ name: String, type: Character, size: Int) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, at offset: Int) {
            block.replaceSubrange(offset..<offset + text.utf8.count, with: text.utf8)
        }
        let octal = String(size, radix: 8)
        put(name, at: 0)
        put(String(repeating: "0", count: 11 - octal.count) + octal, at: 124)
        put("        ", at: 148)
        put(String(type), at: 156)
        put("ustar", at: 257)
        let sum = String(block.reduce(0) { $0 + Int($1) }, radix: 8)
        put(String(repeating: "0", count: 6 - sum.count) + sum + "\0", at: 148)
        return block
    }

    @Test func everyTruncationIsAnError() async throws {
        let image = try await RandomImage.make(in: memory, layers: 2, fileSize: 300, compression: .none)
        let whole = try await legacyArchive(image)
        // The last member is manifest.json; what follows it is only padding and the end mark.
        let needed = whole.count - 1024 - 512
        for length in stride(from: 0, to: needed, by: 509) {
            try FileSystem.writeFile(Path(path("cut.tar")), Array(whole[..<length]))
            await #expect(throws: (any Error).self, "\(length) of \(whole.count) bytes") {
                let archive = try await ImageArchive.open(file: path("cut.tar"))
                try await copy(archive.image(named: nil).descriptor, from: archive, to: MemoryStore())
            }
        }
    }

    @Test func damagedBytesNeverTrap() async throws {
        let image = try await RandomImage.make(in: memory, layers: 1, fileSize: 300, compression: .none)
        let whole = try await legacyArchive(image)
        var random = RandomImage.Generator(seed: 5)
        for _ in 0..<300 {
            var bytes = whole
            for _ in 0..<3 {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            try FileSystem.writeFile(Path(path("bad.tar")), bytes)
            // Either it is refused, or what it gives is what its names say.
            guard let archive = try? await ImageArchive.open(file: path("bad.tar")),
                let found = try? archive.image(named: nil)
            else { continue }
            let target = MemoryStore()
            guard (try? await copy(found.descriptor, from: archive, to: target)) != nil else { continue }
            for layer in try await target.manifest(of: found.descriptor).layers {
                let arrived = try await target.bytes(of: layer, limit: .max)
                #expect(Digest.sha256(of: arrived) == layer.digest)
            }
        }
    }

    @Test(arguments: ["", "no archive at all", String(repeating: "x", count: 5000)])
    func otherFilesAreRefused(_ text: String) async throws {
        try FileSystem.writeFile(Path(path("x")), Array(text.utf8))
        let error = await #expect(throws: ContentError.self) { try await ImageArchive.open(file: path("x")) }
        #expect(error?.code == .archiveInvalid)
        #expect(error?.subject == path("x"))
    }

    @Test func aPipeIsReadAsItComes() async throws {
        let image = try await RandomImage.make(in: memory, fileSize: 200_000)
        let archived = ArchivedImage(descriptor: image.descriptor, references: [])
        let pipe = folder.path / "pipe"
        try FileSystem.makeNode(pipe, type: .fifo, mode: 0o600)
        async let writing: Void = ImageArchive.write(
            [archived], from: memory, as: .oci, toFile: pipe.description)
        let archive = try await ImageArchive.open(file: pipe.description)
        try await writing
        #expect(archive.images == [archived])
        try await compare(image, in: archive)
        #expect(try FileSystem.status(pipe).type == .fifo)
    }

    @Test func foreignLayersThatAreAbsentAreLeftOut() async throws {
        let image = try await RandomImage.make(in: memory)
        var manifest = image.manifest
        manifest.layers.append(
            Descriptor(
                mediaType: .dockerForeignLayer, digest: .sha256(of: [1]), size: 1, urls: ["https://example.com/layer"]))
        let descriptor = memory.put(try CanonicalJSON.encode(manifest), mediaType: .ociManifest)
        let store = try LocalStore(root: folder.path / "store")
        try await copy(descriptor, from: memory, to: store)
        #expect(try store.verify().problems.isEmpty)
        manifest.layers[manifest.layers.count - 1].mediaType = .ociLayerGzip
        manifest.layers[manifest.layers.count - 1].urls = nil
        let broken = memory.put(try CanonicalJSON.encode(manifest), mediaType: .ociManifest)
        let error = await #expect(throws: ContentError.self) { try await copy(broken, from: memory, to: store) }
        #expect(error?.code == .blobMissing)
        #expect(try await !store.contains(broken))
    }
}
