import Codecs
import Glibc
import Layers
import LinuxSystem
import OCIContent
import OCISpec

extension LayerLibrary {
    /// Unpacks an image's layers, one on the other, into a folder that must be empty or new. Where this process is not
    /// the machine's root, the files are its user's own.
    package func writeTree(_ layers: [Descriptor], diffIDs: [Digest], into folder: Path) async throws {
        try FileSystem.makeDirectories(folder)
        guard try DirectoryListing.entries(at: folder).isEmpty else {
            throw SystemError("write the image's files to", folder, errno: .notEmpty)
        }
        let tree = Self.tree(layers, diffIDs)
        if form.ownership == .real { return try await flatten(tree, into: folder) }
        let staging = try TemporaryArea(folder, prefix: ".ocibuild-").makeDirectory()
        defer { withExtendedLifetime(staging) {} }
        let root = staging.path / "fs"
        try FileSystem.makeDirectory(root)
        try await flatten(tree, into: root, ownership: .recorded)
        try await BlockingPool.shared.run {
            try OwnFiles.strip(root)
            for entry in try DirectoryListing.entries(at: root) {
                try FileSystem.rename(root / entry.name, to: folder / entry.name, replacing: false)
            }
        }
    }

    /// Writes an image's file tree as one uncompressed tar.
    /// - Parameter path: a file, which appears, or takes the place of another, when it is whole; nil for standard output.
    package func writeTar(_ layers: [Descriptor], diffIDs: [Digest], to path: Path?) async throws {
        let folder = try store.temporaries.makeDirectory()
        let root = folder.path / "tree"
        try FileSystem.makeDirectory(root)
        try await flatten(Self.tree(layers, diffIDs), into: root)
        try await BlockingPool.shared.run {
            defer { withExtendedLifetime(folder) {} }
            let (output, file) = try Self.output(path)
            let writer = LayerWriter(output, options: .init(compression: .none))
            try writer.write(self.form.changes(upper: root, lowers: []))
            _ = try writer.finish()
            if let path { try file?.moveFile(to: path) }
        }
    }

    /// Where a tar for `path` is written, and the file that is to get that name afterwards.
    private static func output(_ path: Path?) throws -> (any ByteWriter, TemporaryItem?) {
        guard let path else { return (try FileByteWriter.standardOutput(), nil) }
        if let present = try FileSystem.statusIfPresent(path, following: true), present.type != .regular {
            return (try FileByteWriter(path), nil)
        }
        let file = try TemporaryArea.beside(path).makeFile()
        return (file, file)
    }

    private static func tree(_ layers: [Descriptor], _ diffIDs: [Digest]) -> LayeredTree {
        LayeredTree(
            layers: zip(layers, diffIDs).map { LayerHandle(LayerHandle.Facts(descriptor: $0, diffID: $1, source: nil)) }
        )
    }
}
