import Archive
import Codecs
import Glibc
import Layers
import LinuxSystem
import OCISpec
import Testing

/// Other programs read our layers as we do. Needs the Debian packages libarchive-tools and umoci.
@Suite("Layers read by other tools")
struct OtherToolsTests {
    /// A layer with something of everything, and the tree it makes.
    private static func layer(_ compression: Compression, _ folder: Path) throws -> (blob: Path, LayerResult) {
        let root = folder / "tree"
        try FileSystem.makeDirectory(root)
        var tar = RawTar()
        tar.addDirectory("./", mode: 0o755)
        tar.addDirectory("dir", mode: 0o2755)
        tar.add("dir/set", content: "#!/bin/sh\n", mode: 0o4755, uid: 1000, gid: 100)
        tar.addSymlink("dir/link", to: "../dir/set")
        tar.addHardLink("dir/zwei", to: "dir/set")
        tar.add("pipe", type: "6", mode: 0o600)
        tar.add("null", type: "3", mode: 0o666, major: 1, minor: 3)
        tar.addRecords([("SCHILY.xattr.user.note", Array("kept".utf8))])
        tar.add("noted", content: String(repeating: "0123456789", count: 50_000))
        tar.add([UInt8](repeating: UInt8(ascii: "n"), count: 99) + [0xC3], content: [1])
        _ = try LayerApplier(root: root, form: .direct).apply(tar.reader)
        let blob = folder / "layer"
        let writer = LayerWriter(try FileByteWriter(blob), options: .init(compression: compression))
        try writer.write(OverlayDiffer(upper: root, lowers: []).changes())
        return (blob, try writer.finish())
    }

    private static func run(_ arguments: [String], package: String) throws -> [UInt8] {
        let outcome = try ChildProcess.run(arguments)
        let said = String(decoding: outcome.error, as: UTF8.self)
        try #require(outcome.status == 0, "\(arguments[0]) (Debian package \(package)) failed: \(said)")
        return outcome.output
    }

    @Test("bsdtar unpacks what we wrote to the tree we read", arguments: Compression.allCases)
    func bsdtar(compression: Compression) throws {
        let folder = try TemporaryDirectory(prefix: "ocibuild-tools-")
        let (blob, _) = try Self.layer(compression, folder.path)
        let out = folder.path / "out"
        try FileSystem.makeDirectory(out)
        _ = try Self.run(
            ["bsdtar", "-x", "-p", "--numeric-owner", "-f", blob.description, "-C", out.description],
            package: "libarchive-tools")
        var (expected, unpacked) = try (TreePicture(of: folder.path / "tree"), TreePicture(of: out))
        // bsdtar leaves the time of the folder it unpacks to.
        expected.files[""] = nil
        unpacked.files[""] = nil
        let differences = expected.differences(from: unpacked)
        #expect(differences == [])
    }

    @Test("umoci unpacks what we wrote to the tree we read")
    func umoci() throws {
        let folder = try TemporaryDirectory(prefix: "ocibuild-tools-")
        let (blob, result) = try Self.layer(.default, folder.path)
        let image = folder.path / "image"
        try FileSystem.makeDirectories(image / "blobs/sha256")
        try FileSystem.rename(blob, to: image / Path("blobs/sha256/\(result.descriptor.digest.hex)"))
        func put(_ text: String) throws -> (digest: String, size: Int) {
            let bytes = Array(text.utf8)
            let digest = Digest.sha256(of: bytes)
            try FileSystem.writeFile(image / Path("blobs/sha256/\(digest.hex)"), bytes, mode: 0o644)
            return (digest.description, bytes.count)
        }
        let config = try put(
            #"{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["\#(result.diffID)"]}}"#
        )
        let manifest = try put(
            #"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"\#(config.digest)","size":\#(config.size)},"layers":[{"mediaType":"\#(result.descriptor.mediaType.rawValue)","digest":"\#(result.descriptor.digest)","size":\#(result.descriptor.size)}]}"#
        )
        let index =
            #"{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"\#(manifest.digest)","size":\#(manifest.size),"annotations":{"org.opencontainers.image.ref.name":"t"}}]}"#
        try FileSystem.writeFile(image / "index.json", Array(index.utf8), mode: 0o644)
        try FileSystem.writeFile(image / "oci-layout", Array(#"{"imageLayoutVersion":"1.0.0"}"#.utf8), mode: 0o644)
        let out = folder.path / "bundle"
        _ = try Self.run(["umoci", "unpack", "--image", "\(image):t", out.description], package: "umoci")
        let differences = try TreePicture(of: folder.path / "tree").differences(from: TreePicture(of: out / "rootfs"))
        #expect(differences == [])
    }
}
