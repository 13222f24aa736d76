import Codecs
import LinuxSystem
import OCIContent
import OCISpec
import TestSupport
import Testing

/// An independent reader's view of what is written here.
@Suite struct SkopeoTests {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    struct Inspection: Decodable {
        var digest: String
        var layers: [String]

        private enum CodingKeys: String, CodingKey {
            case digest = "Digest"
            case layers = "Layers"
        }
    }

    let folder: TemporaryDirectory

    init() throws {
        folder = try TemporaryDirectory()
        guard FileSystem.exists("/usr/bin/skopeo") else {
            throw Failure(description: "this test needs /usr/bin/skopeo; install the Debian package skopeo")
        }
    }

    private func skopeo(_ arguments: String...) async throws -> [UInt8] {
        try await BlockingPool.shared.run {
            let outcome = try ChildProcess.run(
                ["/usr/bin/skopeo", "--insecure-policy"] + arguments, timeoutSeconds: 120)
            guard outcome.status == 0 else {
                throw Failure(description: "\(arguments): \(String(decoding: outcome.error, as: UTF8.self))")
            }
            return outcome.output
        }
    }

    private func inspect(_ location: String) async throws -> Inspection {
        try CanonicalJSON.decode(Inspection.self, from: try await skopeo("inspect", location))
    }

    @Test func readsAStoreInPlace() async throws {
        let store = try LocalStore(root: folder.path / "store")
        let image = try await RandomImage.make(in: store)
        let other = try await RandomImage.make(in: store, seed: 9)
        let name = try Reference(parsing: "debian:12")
        try await store.tag(image.descriptor, as: name)
        try await store.tag(other.descriptor, as: Reference(parsing: "debian:13"))
        let seen = try await inspect("oci:\(store.root):\(name)")
        #expect(seen.digest == image.descriptor.digest.description)
        #expect(seen.layers == image.manifest.layers.map(\.digest.description))
        _ = try await skopeo("copy", "oci:\(store.root):\(name)", "dir:\(folder.path)/out")
    }

    @Test func readsALayoutAndWritesOne() async throws {
        let layout = try ImageLayout(creating: folder.path / "layout")
        let image = try await RandomImage.make(in: layout)
        try await layout.tag(image.descriptor, as: Reference(parsing: "example.com/app:v1"))
        #expect(try await inspect("oci:\(folder.path)/layout:v1").digest == image.descriptor.digest.description)

        _ = try await skopeo("copy", "oci:\(folder.path)/layout:v1", "oci:\(folder.path)/theirs:name")
        let (directory, selector) = try ImageLayout.split("\(folder.path)/theirs:name")
        #expect(selector == .name("name"))
        let theirs = try ImageLayout(opening: directory)
        #expect(try theirs.select(selector).digest == image.descriptor.digest)
        #expect(try theirs.select(.only).digest == image.descriptor.digest)
        let pinned = try ImageLayout.split("\(folder.path)/theirs@\(image.descriptor.digest)")
        #expect(try theirs.select(pinned.selector).digest == image.descriptor.digest)
        let error = #expect(throws: ContentError.self) { try theirs.select(.name("nothing")) }
        #expect(error?.message.contains("it holds name") == true)
        try await copy(image.descriptor, from: theirs, to: MemoryStore())
    }

    @Test(arguments: [Compression.none, .default, .zstd])
    func readsOurArchives(_ compression: Compression) async throws {
        let memory = MemoryStore()
        let image = try await RandomImage.make(in: memory, fileSize: 200_000, compression: compression)
        let archived = ArchivedImage(
            descriptor: image.descriptor, references: [try Reference(parsing: "example.com/app:v1")])
        let oci = "\(folder.path)/oci.tar"
        let docker = "\(folder.path)/docker.tar"
        try await ImageArchive.write([archived], from: memory, as: .oci, toFile: oci)
        try await ImageArchive.write([archived], from: memory, as: .docker, toFile: docker)
        #expect(try await inspect("oci-archive:\(oci):v1").digest == image.descriptor.digest.description)
        #expect(try await inspect("oci-archive:\(docker):v1").digest == image.descriptor.digest.description)
        // Docker's format names layers by their DiffIDs.
        let seen = try await inspect("docker-archive:\(docker):example.com/app:v1")
        #expect(seen.layers == image.config.rootfs.diffIDs.map(\.description))
        _ = try await skopeo("copy", "docker-archive:\(docker)", "dir:\(folder.path)/out")
    }

    @Test func itsArchivesAreRead() async throws {
        let layout = try ImageLayout(creating: folder.path / "layout")
        let image = try await RandomImage.make(in: layout)
        try await layout.tag(image.descriptor, as: Reference(parsing: "example.com/app:v1"))
        let source = "oci:\(folder.path)/layout:v1"
        _ = try await skopeo("copy", source, "docker-archive:\(folder.path)/d.tar:example.com/app:v1")
        _ = try await skopeo("copy", source, "oci-archive:\(folder.path)/o.tar:example.com/app:v1")
        let docker = try await ImageArchive.open(file: "\(folder.path)/d.tar")
        let found = try docker.image(named: Reference(parsing: "example.com/app:v1"))
        #expect(try await docker.manifest(of: found.descriptor).layers.map(\.digest) == image.config.rootfs.diffIDs)
        try await copy(found.descriptor, from: docker, to: MemoryStore())
        let oci = try await ImageArchive.open(file: "\(folder.path)/o.tar")
        #expect(oci.images.map(\.descriptor.digest) == [image.descriptor.digest])
        #expect(oci.images[0].references.map(\.description) == ["example.com/app:v1"])
        try await copy(image.descriptor, from: oci, to: MemoryStore())
    }
}
