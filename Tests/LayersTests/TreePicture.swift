import Archive
import Glibc
import Layers
import LinuxSystem

/// All that an image keeps of a file tree, for comparing two of them.
struct TreePicture: Equatable {
    struct File: Equatable {
        var type: FileType
        var mode: UInt16
        var uid: UInt32
        var gid: UInt32
        /// Layers keep whole seconds.
        var seconds: Int64
        var content: [UInt8] = []
        var target: Path?
        var device = DeviceNumber()
        var attributes: [[UInt8]: [UInt8]] = [:]
        /// Of the names of one file, the first.
        var firstName: Path
    }

    var files: [Path: File] = [:]

    init() {}

    /// Reads the tree at `root`.
    init(of root: Path) throws {
        var firstNames: [UInt64: Path] = [:]
        for path in try Self.paths(of: root) {
            let place = root / path
            let status = try FileSystem.status(place)
            if status.type == .socket { continue }
            var first = path
            if status.links > 1, status.type != .directory {
                first = firstNames[status.inode] ?? path
                firstNames[status.inode] = first
            }
            var file = File(
                type: status.type, mode: status.mode, uid: status.uid, gid: status.gid,
                seconds: status.modified.seconds, firstName: first)
            if status.type == .regular { file.content = try FileSystem.readFile(place, limit: 1 << 28) }
            if status.type == .symlink { file.target = try FileSystem.readLink(place) }
            if status.type == .characterDevice || status.type == .blockDevice { file.device = status.deviceNumber }
            for attribute in try LayerAttributes.read(place) { file.attributes[attribute.name] = attribute.value }
            files[path] = file
        }
    }

    /// All paths below a root, the root itself too, in byte order.
    static func paths(of root: Path) throws -> [Path] {
        var found: [Path] = [""]
        var pending: [Path] = [""]
        while let directory = pending.popLast() {
            for entry in try DirectoryListing.entries(at: root / directory) {
                let path = directory / entry.name
                found.append(path)
                if try FileSystem.status(root / path).type == .directory { pending.append(path) }
            }
        }
        return found.sorted()
    }

    /// What differs, in words; empty when the pictures are equal.
    func differences(from other: TreePicture) -> [String] {
        Set(files.keys).union(other.files.keys).sorted().compactMap { path in
            let (mine, theirs) = (files[path], other.files[path])
            if mine == theirs { return nil }
            return "\(path): \(mine.map(Self.describe) ?? "absent") instead of \(theirs.map(Self.describe) ?? "absent")"
        }
    }

    private static func describe(_ file: File) -> String {
        let attributes = file.attributes.keys.map { String(decoding: $0, as: UTF8.self) }.sorted()
        return
            "\(file.type) \(String(file.mode, radix: 8)) \(file.uid):\(file.gid) @\(file.seconds) \(file.content.count)B"
            + " \(file.target?.description ?? "") \(file.device) \(attributes) =\(file.firstName)"
    }
}
