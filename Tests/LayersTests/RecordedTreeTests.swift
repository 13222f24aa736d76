import Archive
import Glibc
import Layers
import LinuxSystem
import TestSupport
import Testing

@Suite("Recorded trees: what ordinary users' files can say, and what they cannot")
struct RecordedTreeTests {
    /// A layer of one entry of each kind, and what is recorded of each.
    private static func layer() throws -> [UInt8] {
        func capability(_ revision: UInt8) -> ExtendedAttribute {
            let value = [1, 0, 0, revision, 0, 4, 0, 0] + [UInt8](repeating: 0, count: 12)
            let ending: [UInt8] = revision == 3 ? [0xE8, 3, 0, 0] : []
            return ExtendedAttribute(name: Array("security.capability".utf8), value: value + ending)
        }
        var entries = [
            ArchiveEntry(path: "closed", type: .directory, mode: 0, uid: 7, gid: 8),
            ArchiveEntry(path: "closed/file", type: .regular, mode: 0, uid: 0xFFFF_FFFE, gid: 9),
            ArchiveEntry(path: "sticky", type: .directory, mode: 0o3777, uid: 0, gid: 43),
            ArchiveEntry(path: "setid", type: .regular, mode: 0o6711, uid: 33, gid: 33),
            ArchiveEntry(path: "plain", type: .regular, mode: 0o644),
            ArchiveEntry(path: "two", type: .regular, mode: 0o755, uid: 1, gid: 1),
            ArchiveEntry(path: "three", type: .regular, mode: 0o755, uid: 1, gid: 1),
            ArchiveEntry(path: "link", type: .symlink, mode: 0o777, uid: 5, gid: 6),
            ArchiveEntry(path: "same", type: .hardLink),
            ArchiveEntry(path: "pipe", type: .fifo, mode: 0o4000, uid: 5, gid: 6),
            ArchiveEntry(path: "null", type: .characterDevice, mode: 0o666, uid: 2, gid: 3),
            ArchiveEntry(path: "disk", type: .blockDevice, mode: 0, uid: 2, gid: 3),
        ]
        for index in entries.indices {
            entries[index].modified = FileTime(seconds: 1_000_000_000 + Int64(index))
            switch entries[index].path {
            case "two": entries[index].attributes = [capability(2)]
            case "three": entries[index].attributes = [capability(3)]
            case "link": entries[index].linkTarget = "plain"
            case "same": entries[index].linkTarget = "link"
            case "null": entries[index].device = DeviceNumber(major: 1, minor: 3)
            case "disk": entries[index].device = DeviceNumber(major: 4095, minor: 0xF_FFFF)
            case "plain":
                // A layer that would like to be believed.
                let record = InodeRecord(mode: 0o4755, uid: 0, gid: 0)
                entries[index].attributes = [
                    ExtendedAttribute(name: InodeRecord.attribute, value: record.encoded),
                    ExtendedAttribute(name: InodeRecord.capabilityAttribute, value: capability(2).value),
                    ExtendedAttribute(name: Array("user.kept".utf8), value: [1]),
                ]
            default: break
            }
        }
        let output = BytesWriter()
        let writer = TarWriter(output)
        for entry in entries { try writer.append(entry) }
        try writer.finish()
        return output.bytes
    }

    @Test("modes, owners, devices and capabilities of every kind of file come back, and a layer's own records do not")
    func everyKind() throws {
        let tar = try Self.layer()
        let room = try RecordedRoom()
        let real = try LayerStack([tar], in: room.path / "real", ownership: .real)
        let recorded = try room.run { try LayerStack([tar], in: room.path / "recorded", ownership: .recorded) }
        #expect(recorded.tables == real.tables)
        #expect(recorded.overlay == real.overlay)
        #expect(recorded.whole == real.whole)
        #expect(recorded.scanned == real.scanned)

        let tree = room.path / "recorded/0/fs"
        let ownership = TreeOwnership.recorded
        let closed = try ownership.status(tree / "closed")
        #expect(closed.mode == 0 && closed.uid == 7 && closed.gid == 8)
        let disk = try ownership.status(tree / "disk")
        #expect(disk.type == .blockDevice && disk.deviceNumber == DeviceNumber(major: 4095, minor: 0xF_FFFF))
        #expect(try FileSystem.status(tree / "disk").type == .regular)
        #expect(try InodeRecord.read(tree / "plain") == nil)
        let names = try LayerAttributes.read(tree / "plain", ownership: ownership).map(\.name)
        #expect(names == [Array("user.kept".utf8)])
        for name in ["two", "three"] {
            let attributes = try LayerAttributes.read(tree / Path(name), ownership: ownership)
            #expect(attributes.map(\.name) == [Array("security.capability".utf8)])
            #expect(attributes.first?.value.count == 20, "an image has revision 2")
        }
        let owners = try LinkOwners(beside: tree)
        #expect(owners["link"] == .init(uid: 5, gid: 6) && owners["same"] == .init(uid: 5, gid: 6))
        #expect(owners.all.count == 3)
        for entry in try DirectoryListing.entries(at: tree) {
            #expect(try FileSystem.status(tree / entry.name).uid == RecordedRoom.user)
        }
    }

    @Test("records of another length, version or type are none")
    func damaged() throws {
        let folder = try TemporaryDirectory(prefix: "ocibuild-record-")
        let good = InodeRecord(mode: 0o600, uid: 1, gid: 2).encoded
        var future = good
        future[0] = 2
        var pipe = good
        pipe[1] = 1
        var deletion = good
        deletion[1] = 2
        for value in [[], Array(good.dropLast()), good + [0], future, pipe, deletion] {
            let file = folder.path / "file"
            try FileSystem.writeAtomically([1], to: file, durable: false)
            try FileSystem.setMode(file, 0o644)
            try ExtendedAttributes.set(InodeRecord.attribute, value, of: file)
            let status = try TreeOwnership.recorded.status(file)
            #expect(status.type == .regular && status.mode == 0o644 && status.uid == 0 && status.size == 1)
        }
        // Only a file without content stands for a device where owners are real.
        let file = folder.path / "file"
        let device = InodeRecord.Device(isBlock: true, number: DeviceNumber(major: 8, minor: 0))
        try InodeRecord(device: device, mode: 0o600, uid: 0, gid: 0).write(to: file)
        #expect(try TreeOwnership.mapped.status(file).type == .regular)
        #expect(try TreeOwnership.real.status(file).type == .regular)
    }

    @Test("what a step closed to its own owner is opened, and remembered as closed")
    func settled() throws {
        let room = try RecordedRoom()
        try room.run {
            let root = room.path / "fs"
            try FileSystem.makeDirectories(root / "a/b")
            try FileSystem.writeAtomically([1], to: root / "a/b/file", durable: false)
            try FileSystem.setMode(root / "a/b/file", 0o002)
            try FileSystem.setMode(root / "a/b", 0o010)
            try FileSystem.setMode(root / "a", 0)
            try RecordedTree.settle(root, ledger: [])
            #expect(try TreeOwnership.recorded.status(root / "a").mode == 0)
            #expect(try TreeOwnership.recorded.status(root / "a/b").mode == 0o010)
            #expect(try TreeOwnership.recorded.status(root / "a/b/file").mode == 0o002)
            #expect(try FileSystem.readFile(root / "a/b/file", limit: 10) == [1])
        }
    }

    @Test("the owners of links go from inodes to paths, of copies of the layers' too, whatever their names")
    func ledger() throws {
        let folder = try TemporaryDirectory(prefix: "ocibuild-ledger-")
        let (lower, upper) = (folder.path / "0/fs", folder.path / "1/fs")
        try FileSystem.makeDirectories(lower / "d")
        try FileSystem.makeDirectories(upper / "d")
        func link(_ path: Path, to target: Path, at time: Int64) throws -> UInt64 {
            try FileSystem.symlink(target: target, at: path)
            try FileSystem.setModified(path, FileTime(seconds: time))
            return try FileSystem.status(path).inode
        }
        func owner(_ inode: UInt64, _ id: UInt32) -> InodeOwner {
            InodeOwner(device: 0, inode: inode, uid: id, gid: id)
        }
        let given = try link(lower / "given", to: "t", at: 10)
        let chowned = try link(lower / "d/chowned", to: "t", at: 20)
        let moved = try link(lower / "moved", to: "t", at: 30)
        _ = try link(lower / "root", to: "t", at: 10)
        var owners = LinkOwners()
        owners["given"] = .init(uid: 1, gid: 1)
        try owners.write(beside: lower)

        let fresh = try link(upper / "fresh", to: "u", at: 40)
        let renamed = try link(upper / "renamed", to: "t", at: 10)
        _ = try link(upper / "alike", to: "t", at: 10)
        _ = try link(upper / "root", to: "t", at: 10)
        _ = try link(upper / "d/chowned", to: "t", at: 20)
        let elsewhere = try link(upper / "d/elsewhere", to: "t", at: 30)
        _ = try link(upper / "other", to: "v", at: 10)
        try RecordedTree.settle(
            upper,
            ledger: [
                owner(given, 1), owner(chowned, 2), owner(moved, 3), owner(fresh, 4), owner(renamed, 1),
                owner(elsewhere, 3),
            ],
            lowers: [lower])
        let found = try LinkOwners(beside: upper).all.map { "\($0.path) \($0.owner.uid)" }
        #expect(found == ["d/chowned 2", "d/elsewhere 3", "fresh 4", "renamed 1"])
    }

    @Test("a ledger's entry for a link that is gone says nothing of the one that has its number now")
    func numbersGivenAnew() throws {
        let room = try TemporaryDirectory(prefix: "ocibuild-record-")
        let root = room.path / "tree"
        try FileSystem.makeDirectory(root)
        var ledger: [InodeOwner] = []
        for (name, ids) in [("new", [5]), ("first", [5, 6]), ("last", [6, 5]), ("unknown", [])] as [(Path, [UInt32])] {
            try FileSystem.symlink(target: "t", at: root / name)
            let inode = try FileSystem.status(root / name).inode
            let born = try #require(try FileSystem.birth(of: root / name))
            // 5 was the owner of the one before.
            let old = FileTime(seconds: born.seconds - 1, nanoseconds: born.nanoseconds)
            for id in ids {
                ledger.append(InodeOwner(device: 0, inode: inode, uid: id, gid: id, born: id == 5 ? old : born))
            }
            if ids.isEmpty { ledger.append(InodeOwner(device: 0, inode: inode, uid: 7, gid: 7)) }
        }
        try RecordedTree.settle(root, ledger: ledger)
        #expect(
            try LinkOwners(beside: root).all.map { "\($0.path) \($0.owner.uid)" } == ["first 6", "last 6", "unknown 7"])
    }

    @Test("a user gets rid of whatever a step of theirs left, with the rights of an ordinary user")
    func removal() throws {
        let room = try RecordedRoom()
        try room.run {
            let top = room.path / "tree"
            try FileSystem.makeDirectory(top)
            var places: [Path] = []
            for mode: UInt16 in [0, 0o100, 0o200, 0o400, 0o500, 0o1000, 0o2070] {
                let place = top / Path("mode-\(mode)")
                try FileSystem.makeDirectories(place / "inner/innermost")
                try FileSystem.writeAtomically([1], to: place / "inner/file", durable: false)
                try FileSystem.makeNode(place / "inner/pipe", type: .fifo, mode: 0)
                try FileSystem.setMode(place / "inner/file", 0)
                for path in [place / "inner/innermost", place / "inner", place] { try FileSystem.setMode(path, mode) }
                places.append(place)
            }
            // Deeper than what is open at one time, and each level closed.
            var deep = top / "deep"
            var levels = [deep]
            for _ in 0..<200 {
                deep = deep / "d"
                levels.append(deep)
            }
            try FileSystem.makeDirectories(deep)
            for level in levels.reversed() { try FileSystem.setMode(level, 0) }
            try FileSystem.setMode(top, 0)
            try FileSystem.removeTree(top)
            #expect(!FileSystem.exists(top))
        }
    }
}
