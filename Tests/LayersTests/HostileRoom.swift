import Layers
import LinuxSystem
import Testing

/// The forms that every layer is tried in.
let forms: [LayerApplier.Form] = [.overlay(), .direct]

/// The code of the error that `body` throws, nil for none or another kind.
func code(_ body: () throws -> some Any) -> LayersError.Code? {
    do {
        _ = try body()
        return nil
    } catch {
        return (error as? LayersError)?.code
    }
}

/// A root to unpack into, and beside it files that no layer may touch.
final class HostileRoom {
    let folder: TemporaryDirectory
    let root: Path
    let canary: Path
    let form: LayerApplier.Form
    private let before: TreePicture
    private let inode: UInt64

    init(_ form: LayerApplier.Form) throws {
        folder = try TemporaryDirectory(prefix: "ocibuild-hostile-")
        self.form = form
        root = folder.path / "root"
        canary = folder.path / "canary"
        try FileSystem.makeDirectory(root)
        try FileSystem.setModified(root, FileTime(seconds: 12345))
        try FileSystem.makeDirectory(canary, mode: 0o750)
        try FileSystem.writeFile(canary / "file", Array("precious".utf8), mode: 0o640)
        try FileSystem.setModified(canary / "file", FileTime(seconds: 12345))
        try FileSystem.setModified(canary, FileTime(seconds: 12345))
        before = try TreePicture(of: canary)
        inode = try FileSystem.status(canary / "file").inode
    }

    @discardableResult
    func apply(_ tar: RawTar, limits: LayerLimits = .default) throws -> AppliedLayer {
        try LayerApplier(root: root, form: form, limits: limits).apply(tar.reader)
    }

    /// Unpacks, and fills in what layers below would have, of which there are none.
    @discardableResult
    func complete(_ tar: RawTar) throws -> AppliedLayer {
        let applied = try apply(tar)
        if form != .direct { try LayerApplier.adoptImplicitDirectories(applied, root: root, lowers: []) }
        return applied
    }

    /// The files beside the root are as they were, and nothing joined them.
    func holds() throws {
        let differences = try TreePicture(of: canary).differences(from: before)
        #expect(differences == [])
        let status = try FileSystem.status(canary / "file")
        #expect(status.inode == inode && status.links == 1)
        let names = try Set(DirectoryListing.entries(at: folder.path).map(\.name))
        #expect(names == ["root", "canary"])
    }
}
