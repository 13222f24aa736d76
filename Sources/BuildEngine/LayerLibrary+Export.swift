import Codecs
import Glibc
import Layers
import LinuxSystem
import OCIContent
import OCISpec

extension LayerLibrary {
    /// Unpacks an image's layers, one on the other, into a folder that must be empty or new.
    package func writeTree(_ layers: [Descriptor], diffIDs: [Digest], into folder: Path) async throws {
        try FileSystem.makeDirectories(folder)
        guard try DirectoryListing.entries(at: folder).isEmpty else {
            throw SystemError("write the image's files to", folder, errno: .notEmpty)
        }
        try await flatten(Self.tree(layers, diffIDs), into: folder)
    }

    /// Writes an image's file tree as one uncompressed tar.
    package func writeTar(_ layers: [Descriptor], diffIDs: [Digest], to path: Path) async throws {
        let folder = try store.temporaries.makeDirectory()
        let root = folder.path / "tree"
        try FileSystem.makeDirectory(root)
        try await flatten(Self.tree(layers, diffIDs), into: root)
        try await BlockingPool.shared.run {
            defer { withExtendedLifetime(folder) {} }
            let writer = LayerWriter(try FileByteWriter(path), options: .init(compression: .none))
            try writer.write(OverlayDiffer(upper: root, lowers: []).changes())
            _ = try writer.finish()
        }
    }

    private static func tree(_ layers: [Descriptor], _ diffIDs: [Digest]) -> LayeredTree {
        LayeredTree(
            layers: zip(layers, diffIDs).map { LayerHandle(LayerHandle.Facts(descriptor: $0, diffID: $1, source: nil)) }
        )
    }
}
