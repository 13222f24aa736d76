import Archive
import Codecs
import Layers
import LinuxSystem
import TestSupport
import Testing

@Suite("Recorded ownership: what an ordinary user unpacks is what root unpacks")
struct RecordedOwnershipTests {
    @Test("Layers of any kind, applied and compared by root and by an ordinary user", arguments: 0..<4)
    func agree(seed: Int) throws {
        let folder = try TemporaryDirectory(prefix: "ocibuild-recorded-")
        var source = OperationSource(random: SeededGenerator(seed: UInt64(seed + 100)))
        try FileSystem.makeDirectory(folder.path / "chain")
        var chain = try LayerChain(in: folder.path / "chain")
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
        let tars = try chain.tars.map(Self.withoutTrusted)
        let room = try RecordedRoom()
        let real = try LayerStack(tars, in: room.path / "real", ownership: .real)
        let recorded = try room.run { try LayerStack(tars, in: room.path / "recorded", ownership: .recorded) }
        let unable = try LesserThread.run(withoutCapability: 27) {
            try LayerStack(tars, in: room.path / "mapped", ownership: .mapped)
        }
        for other in [recorded, unable] {
            #expect(other.tables == real.tables)
            #expect(other.overlay == real.overlay, "seed \(seed): the layers, read as upper directories")
            #expect(other.whole == real.whole, "seed \(seed): the merged trees")
            #expect(other.scanned == real.scanned, "seed \(seed): the steps, scanned")
        }
        try room.run { try FileSystem.removeTree(room.path / "recorded") }
        #expect(!FileSystem.exists(room.path / "recorded"))
    }

    /// The layer without attributes that only the machine's administrator may set.
    static func withoutTrusted(_ tar: [UInt8]) throws -> [UInt8] {
        let reader = try ArchiveReader(BytesReader(tar), formats: .tar)
        let output = BytesWriter()
        let writer = TarWriter(output)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
        defer { buffer.deallocate() }
        while var entry = try reader.next() {
            entry.attributes.removeAll { $0.name.starts(with: "trusted.".utf8) }
            try writer.append(entry)
            while true {
                let count = try reader.read(into: buffer)
                if count == 0 { break }
                try writer.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            }
        }
        try writer.finish()
        return output.bytes
    }
}

/// A folder of an ordinary user, to unpack into.
struct RecordedRoom {
    static let user: UInt32 = 54321
    private let folder: TemporaryDirectory

    var path: Path { folder.path }

    init() throws {
        folder = try TemporaryDirectory(prefix: "ocibuild-room-")
        try FileSystem.setOwner(folder.path, uid: Self.user, gid: Self.user)
    }

    /// Does something as the user that the folder belongs to.
    func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) throws -> Result {
        try LesserThread.run(as: Self.user, body)
    }
}

/// Layers that were unpacked one after another in all ways, and what is read back of them.
struct LayerStack: Sendable {
    var tables: [TableOfContents] = []
    /// Each layer, read as the upper directory of an overlay over those below it.
    var overlay: [[UInt8]] = []
    /// The merged tree, from which each layer was applied.
    var whole: [[UInt8]] = []
    /// What each layer changed in the merged tree.
    var scanned: [[UInt8]] = []

    init(_ tars: [[UInt8]], in folder: Path, ownership: TreeOwnership) throws {
        let prefix = ownership == .real ? "trusted.overlay." : "user.overlay."
        let plain = folder / "plain/fs"
        try FileSystem.makeDirectories(plain)
        try FileSystem.setMode(plain, 0o755)
        try FileSystem.setModified(plain, FileTime(seconds: 0))
        var lowers: [Path] = []
        for (index, tar) in tars.enumerated() {
            let layer = folder / Path("\(index)/fs")
            try FileSystem.makeDirectories(layer)
            let applied = try LayerApplier(
                root: layer, form: .overlay(attributePrefix: prefix), ownership: ownership
            ).apply(BytesReader(tar))
            try LayerApplier.adoptImplicitDirectories(
                applied, root: layer, lowers: lowers, attributePrefix: prefix, ownership: ownership)
            let changes = try OverlayDiffer(
                upper: layer, lowers: lowers, attributePrefix: prefix, ownership: ownership
            ).changes()
            overlay.append(try write(changes))
            lowers.insert(layer, at: 0)
            tables.append(applied.contents)

            let before = try TreeScan(of: plain, ownership: ownership)
            _ = try LayerApplier(root: plain, form: .direct, ownership: ownership).apply(BytesReader(tar))
            let differ = try ScanningDiffer(
                root: plain, before: before, pristine: Array(lowers.dropFirst()), attributePrefix: prefix,
                ownership: ownership)
            scanned.append(try write(differ.changes()))
            whole.append(try write(OverlayDiffer(upper: plain, lowers: [], ownership: ownership).changes()))
        }
    }
}

/// The bytes of a changeset's layer.
func write(_ changeset: Changeset) throws -> [UInt8] {
    let output = BytesWriter()
    let writer = LayerWriter(output, options: .init(compression: .none, threads: 1))
    try writer.write(changeset)
    _ = try writer.finish()
    return output.bytes
}
