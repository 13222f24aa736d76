import Archive
import Codecs
import Glibc
import LinuxSystem
import OCISpec
import Testing

@testable import Layers

@Suite("Random operations: overlay, scan and model agree")
struct RandomOperationTests {
    static var rounds: Int {
        getenv("OCIBUILD_RANDOM_ROUNDS").flatMap { Int(String(cString: $0)) } ?? 6
    }

    @Test(arguments: 0..<rounds)
    func agree(seed: Int) throws {
        let folder = try TemporaryDirectory(prefix: "ocibuild-random-")
        var source = OperationSource(random: SeededGenerator(seed: UInt64(seed)))
        var chain = try LayerChain(in: folder.path)
        for round in 0..<3 {
            try chain.step(name: "\(round)", context: "seed \(seed), round \(round)") { model in
                var done: [(FileOperation, FileTime)] = []
                for _ in 0..<40 {
                    guard let operation = source.next(for: model) else { continue }
                    let time = source.time()
                    model.apply(operation, at: time)
                    done.append((operation, time))
                }
                return done
            }
        }
    }
}

/// A growing stack of layers, kept as overlay layers and as a plain tree.
struct LayerChain {
    let folder: Path
    /// Topmost first.
    private(set) var lowers: [Path]
    private(set) var tables: [TableOfContents] = []
    let plain: Path
    /// The layers that the steps made, bottom first.
    private(set) var tars: [[UInt8]] = []

    init(in folder: Path) throws {
        self.folder = folder
        lowers = [folder / "base"]
        plain = folder / "plain"
        for path in [lowers[0], plain] {
            try FileSystem.makeDirectory(path)
            try FileSystem.setModified(path, FileTime(seconds: 0))
        }
        tables = [TableOfContents()]
    }

    /// Does the operations that `plan` applies to a model, on an overlay mount and on a plain tree, and holds all
    /// that follows against the model.
    mutating func step(
        name: String, context: String, plan: (ModelTree) -> [(FileOperation, FileTime)]
    ) throws {
        let model = try ModelTree(of: plain)
        let replay = try ModelTree(of: plain)
        let operations = plan(model)
        let upper = folder / Path("upper\(name)")
        let scanned = folder / Path("scanned\(name)")
        let outcome = try ChildProcess.run(["cp", "-a", plain.description, scanned.description])
        #expect(outcome.status == 0)
        let before = try TreeScan(of: scanned)
        try FileSystem.makeDirectory(upper)
        try OverlayDiffer.prepare(upper: upper, lowers: lowers)
        let mount = try OverlayMount(
            lowers: lowers, upper: upper, work: folder / Path("work\(name)"), at: folder / "mounted")
        for (operation, time) in operations {
            replay.apply(operation, at: time)
            try RealTree(root: mount.point).apply(operation, at: time, model: replay)
            try RealTree(root: scanned).apply(operation, at: time, model: replay)
        }
        try hold(model, TreePicture(of: mount.point), "\(context): the mount")
        try hold(model, TreePicture(of: scanned), "\(context): the tree")
        try mount.end()

        let overlay = try OverlayDiffer(upper: upper, lowers: lowers).changes()
        let scan = try ScanningDiffer(root: scanned, before: before, pristine: lowers).changes()
        let differences = Self.differences(overlay, scan)
        #expect(differences == [], "\(context): the two differs")
        #expect(overlay.changes.map(\.path) == overlay.changes.map(\.path).sorted())

        let (tar, table) = try Self.write(overlay)
        #expect(try Self.write(scan).tar == tar, "\(context): the two layers")
        tars.append(tar)
        try apply(tar, table, name: name, context: context, model: model)
        let silent = try ScanningDiffer(root: scanned, before: TreeScan(of: scanned)).changes()
        #expect(silent.isEmpty, "\(context): nothing changed")
    }

    private mutating func apply(
        _ tar: [UInt8], _ table: TableOfContents, name: String, context: String, model: ModelTree
    ) throws {
        let direct = try LayerApplier(root: plain, form: .direct).apply(BytesReader(tar))
        try hold(model, TreePicture(of: plain), "\(context): applied directly")
        let layer = folder / Path("layer\(name)")
        try FileSystem.makeDirectory(layer)
        let applied = try LayerApplier(root: layer, form: .overlay()).apply(BytesReader(tar))
        try LayerApplier.adoptImplicitDirectories(applied, root: layer, lowers: lowers)
        lowers.insert(layer, at: 0)
        tables.append(table)
        let mount = try OverlayMount(lowers: lowers, at: folder / "mounted")
        try hold(model, TreePicture(of: mount.point), "\(context): applied, mounted")
        try mount.end()

        #expect(applied.contents == table, "\(context): tables of applier and writer")
        #expect(direct.contents == table)
        #expect(try TableScanner.scan(BytesReader(tar)) == table)
        #expect(try TableOfContents(decoding: table.encode()) == table)
        #expect(try TableOfContents(decodingShape: table.encodeShape()) == table.shape)
        let shapes = MergedTree(tables.map(\.shape)).walk()
        let isSame = zip(shapes, MergedTree(tables).walk()).allSatisfy { shape, found in
            shape.entry == found.entry.shape { _ in nil } && shape.layer == found.layer
        }
        #expect(isSame, "\(context): the tree of shapes")
        let merged = MergedTree(tables).walk().filter { !$0.entry.path.isEmpty }
        let expected = model.all.dropFirst()
        #expect(merged.map(\.entry.path) == expected.map(\.path), "\(context): merged tables")
        for (found, (path, file)) in zip(merged, expected) {
            #expect(found.entry.mode == file.picture.mode && found.entry.uid == file.picture.uid, "\(context): \(path)")
            #expect(found.entry.size == Int64(file.picture.content.count), "\(context): \(path)")
            #expect(
                FileSystem.exists(lowers[tables.count - 1 - found.layer] / path), "\(context): \(path) in its layer")
        }
    }

    private func hold(_ model: ModelTree, _ picture: TreePicture, _ context: String) throws {
        let differences = model.picture.differences(from: picture)
        #expect(differences == [], "\(context)")
    }

    private static func write(_ changeset: Changeset) throws -> (tar: [UInt8], table: TableOfContents) {
        let output = BytesWriter()
        let writer = LayerWriter(output, options: .init(compression: .none, threads: 1))
        try writer.write(changeset)
        let result = try writer.finish()
        #expect(result.diffID == Digest.sha256(of: output.bytes))
        return (output.bytes, result.contents)
    }

    private static func differences(_ left: Changeset, _ right: Changeset) -> [String] {
        let (a, b) = (Set(left.changes), Set(right.changes))
        return a.subtracting(b).map { "overlay only: \($0)" } + b.subtracting(a).map { "scan only: \($0)" }
            + (left.skipped == right.skipped ? [] : ["skipped: \(left.skipped) and \(right.skipped)"])
    }
}
