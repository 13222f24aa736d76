import Archive
import Glibc
import Layers
import LinuxSystem

/// ADD's own way with archives: a local tar, compressed or not, is unpacked instead of copied.
enum ArchiveExpansion {
    /// True when the file begins like a tar or like something compressed, and a tar can be read from it.
    static func isArchive(_ path: Path) throws -> Bool {
        let file = try OwnedDescriptor.open(path, O_RDONLY | O_NONBLOCK)
        var head = [UInt8](repeating: 0, count: 512)
        let count = try head.withUnsafeMutableBytes { try file.read(into: $0, at: 0) }
        guard looksPacked(head[..<count]) else { return false }
        guard let reader = try? ArchiveReader(FileByteReader(path), formats: .any) else { return false }
        return ((try? reader.next()) ?? nil) != nil
    }

    private static func looksPacked(_ head: ArraySlice<UInt8>) -> Bool {
        let magics: [[UInt8]] = [
            [0x1F, 0x8B], Array("BZh".utf8), [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], [0x28, 0xB5, 0x2F, 0xFD],
        ]
        if magics.contains(where: { head.starts(with: $0) }) { return true }
        return head.count >= 262 && head[257..<262].elementsEqual("ustar".utf8)
    }

    /// Unpacks the archive below a folder of `scratch` and describes what came out as one source.
    static func expand(
        _ path: Path, written: String, in scratch: Path, ownership: TreeOwnership
    ) throws -> CopySelection.Source {
        let folder = scratch / Path("\(UInt64.random(in: .min ... .max))")
        let tar = folder / "tar"
        let root = folder / "fs"
        try FileSystem.makeDirectories(root)
        // One plain tar first: the layer applier, which is careful with hostile paths, takes nothing else.
        let described = try repack(path, to: tar)
        _ = try LayerApplier(root: root, form: .direct, ownership: ownership).apply(FileByteReader(tar))
        try FileSystem.unlink(tar)
        let linkOwners = ownership == .recorded ? try LinkOwners(beside: root) : LinkOwners()
        var expansion = Expansion(root: root, ownership: ownership, linkOwners: linkOwners, described: described)
        try expansion.walk("")
        return CopySelection.Source(written: written, name: path.lastComponent ?? "", files: expansion.files)
    }

    /// Writes what the archive holds as one plain tar, and returns the paths that it has entries for.
    @discardableResult
    static func repack(_ path: Path, to tar: Path) throws -> Set<Path> {
        let writer = TarWriter(try FileByteWriter(tar))
        let reader = try ArchiveReader(FileByteReader(path), formats: .any)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 4096)
        defer { buffer.deallocate() }
        var described: Set<Path> = []
        while let entry = try reader.next() {
            described.insert(entry.path)
            try writer.append(entry)
            while true {
                let count = try reader.read(into: buffer)
                if count == 0 { break }
                try writer.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            }
        }
        try writer.finish()
        return described
    }

    /// What came out of an archive, as it lies on disk.
    private struct Expansion {
        let root: Path
        let ownership: TreeOwnership
        let linkOwners: LinkOwners
        /// The paths that the archive has entries for; other folders were made because something is in them.
        let described: Set<Path>
        var files: [CopySelection.File] = []

        mutating func walk(_ path: Path) throws {
            let location = path.isEmpty ? root : root / path
            let status = try linkOwners.completing(ownership.status(location), at: path)
            var entry = ArchiveEntry(path: "", status: status)
            let isDescribed = described.contains(path)
            if !isDescribed { entry.mode = 0o755 }
            if status.type == .symlink { entry.linkTarget = try FileSystem.readLink(location) }
            entry.attributes = try CopyAttributes.read(location, ownership: ownership)
            files.append(
                CopySelection.File(
                    path: path, entry: entry, content: status.type == .regular ? location : nil,
                    keepsTime: isDescribed,
                    inode: status.links > 1 && status.type == .regular
                        ? CopySelection.Inode(device: status.device, number: status.inode) : nil))
            guard status.type == .directory else { return }
            for name in try DirectoryListing.entries(at: location).map(\.name).sorted() { try walk(path / name) }
        }
    }
}
