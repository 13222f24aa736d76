import Archive
import Glibc
import Layers
import LinuxSystem
import Testing

/// Cases that the random operations do not reach.
@Suite("Differs")
struct DifferTests {
    /// A small base, and a step done on an overlay mount and on a plain copy of it.
    static func changes(
        pristine: Bool = true, _ step: (Path) throws -> Void
    ) throws -> (overlay: Changeset, scan: Changeset) {
        let folder = try TemporaryDirectory(prefix: "ocibuild-differ-")
        let base = folder.path / "base"
        let plain = folder.path / "plain"
        var tar = RawTar()
        tar.addDirectory("./", mode: 0o755)
        tar.addDirectory("d")
        tar.add("d/file", content: "content")
        tar.add("d/other", content: "other")
        for root in [base, plain] {
            try FileSystem.makeDirectory(root)
            _ = try LayerApplier(root: root, form: .overlay()).apply(tar.reader)
        }
        let before = try TreeScan(of: plain)
        let upper = folder.path / "upper"
        try FileSystem.makeDirectory(upper)
        try OverlayDiffer.prepare(upper: upper, lowers: [base])
        let mount = try OverlayMount(
            lowers: [base], upper: upper, work: folder.path / "work", at: folder.path / "mounted")
        try step(mount.point)
        try mount.end()
        try step(plain)
        return (
            try OverlayDiffer(upper: upper, lowers: [base]).changes(),
            try ScanningDiffer(root: plain, before: before, pristine: pristine ? [base] : []).changes()
        )
    }

    @Test("No change, no layer")
    func nothing() throws {
        let (overlay, scan) = try Self.changes { _ in }
        #expect(overlay.isEmpty && scan.isEmpty)
    }

    @Test("A socket is left out with a warning, and what it replaced is deleted")
    func sockets() throws {
        let (overlay, scan) = try Self.changes { root in
            try FileSystem.unlink(root / "d/other")
            try FileSystem.makeNode(root / "d/other", type: .socket, mode: 0o600)
            try FileSystem.makeNode(root / "d/new", type: .socket, mode: 0o600)
        }
        for changeset in [overlay, scan] {
            #expect(changeset.changes.map(\.path) == ["d", "d/other"])
            #expect(changeset.changes.last?.kind == .whiteout)
            #expect(changeset.skipped.map(\.path) == ["d/new", "d/other"])
            #expect(changeset.skipped.allSatisfy { $0.reason == .socket })
        }
    }

    @Test("A name that a layer would take for a deletion is left out with a warning")
    func whiteoutNames() throws {
        let (overlay, scan) = try Self.changes { root in
            try FileSystem.writeFile(root / "d/.wh.file", [], mode: 0o644)
        }
        for changeset in [overlay, scan] {
            #expect(changeset.changes.map(\.path) == ["d"])
            #expect(changeset.skipped == [SkippedPath(path: "d/.wh.file", reason: .whiteoutName)])
        }
    }

    @Test("Doubt is settled by the layers below, and counts as a change where they are not given")
    func doubt() throws {
        func touch(_ root: Path) throws {
            try FileSystem.setMode(root / "d/file", 0o600)
            try FileSystem.setMode(root / "d/file", 0o644)
        }
        let (overlay, scan) = try Self.changes(touch)
        #expect(overlay.isEmpty && scan.isEmpty)
        let (_, doubtful) = try Self.changes(pristine: false, touch)
        #expect(doubtful.changes.map(\.path) == ["d", "d/file"])
    }

    @Test("A new link to an old file brings the file along; the second name is a link")
    func links() throws {
        let (overlay, scan) = try Self.changes { root in
            try FileSystem.link(root / "d/file", to: root / "a")
            try FileSystem.setModified(root, FileTime(seconds: 5))
        }
        #expect(overlay.changes == scan.changes)
        #expect(overlay.changes.map(\.path) == ["", "a", "d", "d/file"])
        guard case .entry(let first) = overlay.changes[1].kind, case .entry(let second) = overlay.changes[3].kind else {
            Issue.record("both names are entries")
            return
        }
        #expect(first.type == .regular && second.type == .hardLink && second.linkTarget == "a")
    }

    @Test("Access control lists and file capabilities are part of a file")
    func attributes() throws {
        // A list that gives user 1000 read and write access; see acl(5).
        let list: [UInt8] =
            [2, 0, 0, 0, 1, 0, 6, 0, 255, 255, 255, 255, 2, 0, 6, 0, 0xE8, 3, 0, 0, 4, 0, 4, 0, 255, 255, 255, 255]
            + [0x10, 0, 6, 0, 255, 255, 255, 255, 0x20, 0, 4, 0, 255, 255, 255, 255]
        let (overlay, scan) = try Self.changes { root in
            try ExtendedAttributes.set(Array("system.posix_acl_access".utf8), list, of: root / "d/file")
        }
        #expect(overlay.changes == scan.changes)
        guard case .entry(let entry) = overlay.changes.last?.kind else {
            Issue.record("the file is an entry")
            return
        }
        #expect(entry.attributes == [ExtendedAttribute(name: Array("system.posix_acl_access".utf8), value: list)])
    }
}
