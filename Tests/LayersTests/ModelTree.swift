import Layers
import LinuxSystem

/// A file tree in memory, changed by the same operations as the real ones.
final class ModelTree {
    final class File {
        var picture: TreePicture.File
        var modified: FileTime
        var children: [Path: File] = [:]
        /// A directory that this round made; an overlay mount renames no other.
        var isNew: Bool
        /// One of several names from before this round: an overlay mount breaks such links when it changes one.
        var isFrozen = false

        init(_ picture: TreePicture.File, modified: FileTime, isNew: Bool) {
            self.picture = picture
            self.modified = modified
            self.isNew = isNew
        }
    }

    private(set) var root: File

    /// The tree at a path of the file system.
    init(of place: Path) throws {
        let picture = try TreePicture(of: place)
        var files: [Path: File] = [:]
        for (path, content) in picture.files.sorted(by: { $0.key < $1.key }) {
            let modified = try FileSystem.status(place / path).modified
            let file: File
            if content.firstName != path, let first = files[content.firstName] {
                file = first
                file.isFrozen = true
            } else {
                file = File(content, modified: modified, isNew: false)
            }
            files[path] = file
            if let name = path.lastComponent { files[path.directory]?.children[name] = file }
        }
        root = files[""]!
    }

    func file(at path: Path) -> File? {
        path.components.reduce(root as File?) { $0?.children[$1] }
    }

    /// Puts a file under a name, replacing what has it.
    func put(_ file: File, at path: Path) {
        self.file(at: path.directory)?.children[path.lastComponent!] = file
    }

    func remove(_ path: Path) {
        self.file(at: path.directory)?.children[path.lastComponent!] = nil
    }

    /// All files by path, in byte order.
    var all: [(path: Path, file: File)] {
        var found: [(path: Path, file: File)] = [("", root)]
        var next = 0
        while next < found.count {
            let (path, file) = found[next]
            next += 1
            for (name, child) in file.children { found.append((path / name, child)) }
        }
        return found.sorted { $0.path < $1.path }
    }

    /// The tree for comparison.
    var picture: TreePicture {
        var picture = TreePicture()
        var firstNames: [ObjectIdentifier: Path] = [:]
        for (path, file) in all {
            var copy = file.picture
            copy.seconds = file.modified.seconds
            let first = firstNames[ObjectIdentifier(file)] ?? path
            firstNames[ObjectIdentifier(file)] = first
            copy.firstName = first
            picture.files[path] = copy
        }
        return picture
    }
}
