import Glibc
import LinuxSystem

/// One thing that a program may do to a file tree. Every operation sets the times of all it touches, so that trees
/// changed at different moments stay comparable.
enum FileOperation {
    case create(Path, content: [UInt8], mode: UInt16)
    case write(Path, content: [UInt8], at: Int)
    /// Writes what is there already and puts the time back.
    case rewriteSame(Path)
    /// Changes the content, not the length, and puts the time back.
    case disguise(Path)
    case truncate(Path, size: Int)
    case mode(Path, UInt16)
    /// Changes the mode and changes it back.
    case modeAndBack(Path)
    case owner(Path, uid: UInt32, gid: UInt32)
    case touch(Path)
    case rename(Path, to: Path)
    case makeDirectory(Path, mode: UInt16)
    case removeTree(Path)
    /// Removes a directory with all in it, and makes an empty one.
    case replaceDirectory(Path)
    case symlink(Path, target: Path)
    case link(Path, to: Path)
    case node(Path, FileType, DeviceNumber)
    case attribute(Path, name: String, value: [UInt8]?)
    /// Replaces a file by a copy that is equal in everything.
    case replaceByCopy(Path)
}

/// Does operations below a directory of the file system.
struct RealTree {
    let root: Path

    func apply(_ operation: FileOperation, at time: FileTime, model: ModelTree) throws {
        func touch(_ paths: Path...) throws {
            for path in paths { try FileSystem.setModified(root / path, time) }
        }
        func settle(_ path: Path) throws {
            // What the model says after the operation, without relying on what the kernel inherits or clears.
            guard let file = model.file(at: path)?.picture else { return }
            try FileSystem.setOwner(root / path, uid: file.uid, gid: file.gid)
            if file.type != .symlink { try FileSystem.setMode(root / path, file.mode) }
            if let capability = file.attributes[Array("security.capability".utf8)] {
                try ExtendedAttributes.set(Array("security.capability".utf8), capability, of: root / path)
            }
        }
        switch operation {
        case .create(let path, let content, _):
            try FileSystem.writeFile(root / path, content, mode: 0o600)
            try settle(path)
            try touch(path, path.parent ?? "")
        case .write(let path, let content, let offset):
            let file = try OwnedDescriptor.open(root / path, O_WRONLY)
            _ = content.withUnsafeBytes { pwrite(file.raw, $0.baseAddress, $0.count, off_t(offset)) }
            try settle(path)
            try touch(path)
        case .rewriteSame(let path), .disguise(let path):
            let place = root / path
            let before = try FileSystem.status(place).modified
            var content = try FileSystem.readFile(place, limit: 1 << 24)
            if case .disguise = operation, !content.isEmpty { content[0] ^= 0xFF }
            let file = try OwnedDescriptor.open(place, O_WRONLY)
            _ = content.withUnsafeBytes { pwrite(file.raw, $0.baseAddress, $0.count, 0) }
            try settle(path)
            try FileSystem.setModified(place, before)
        case .truncate(let path, let size):
            let file = try OwnedDescriptor.open(root / path, O_WRONLY)
            _ = try checked("ftruncate") { ftruncate(file.raw, off_t(size)) }
            try settle(path)
            try touch(path)
        case .mode(let path, let mode):
            try FileSystem.setMode(root / path, mode)
        case .modeAndBack(let path):
            let before = try FileSystem.status(root / path).mode
            try FileSystem.setMode(root / path, before ^ 0o111)
            try FileSystem.setMode(root / path, before)
        case .owner(let path, _, _):
            try settle(path)
        case .touch(let path):
            try touch(path)
        case .rename(let path, let target):
            let before = try FileSystem.status(root / path).modified
            try FileSystem.rename(root / path, to: root / target)
            try FileSystem.setModified(root / target, before)
            try touch(path.parent ?? "", target.parent ?? "")
        case .makeDirectory(let path, _):
            try FileSystem.makeDirectory(root / path)
            try settle(path)
            try touch(path, path.parent ?? "")
        case .removeTree(let path):
            try FileSystem.removeTree(root / path)
            try touch(path.parent ?? "")
        case .replaceDirectory(let path):
            try FileSystem.removeTree(root / path)
            try FileSystem.makeDirectory(root / path)
            try settle(path)
            try touch(path, path.parent ?? "")
        case .symlink(let path, let target):
            try FileSystem.symlink(target: target, at: root / path)
            try settle(path)
            try touch(path, path.parent ?? "")
        case .link(let path, let target):
            try FileSystem.link(root / target, to: root / path)
            try touch(path.parent ?? "")
        case .node(let path, let type, let device):
            try FileSystem.makeNode(root / path, type: type, mode: 0o600, device: device)
            try settle(path)
            try touch(path, path.parent ?? "")
        case .attribute(let path, let name, let value):
            if let value {
                try ExtendedAttributes.set(Array(name.utf8), value, of: root / path)
            } else {
                try ExtendedAttributes.remove(Array(name.utf8), of: root / path)
            }
        case .replaceByCopy(let path):
            let parent = root / (path.parent ?? "")
            let parentTime = try FileSystem.status(parent).modified
            let spare = parent / "replacement-in-progress"
            let outcome = try ChildProcess.run(["cp", "-a", (root / path).string ?? "", spare.string ?? ""])
            guard outcome.status == 0 else { throw SystemError("cp", path, errno: .io) }
            try FileSystem.rename(spare, to: root / path)
            try FileSystem.setModified(parent, parentTime)
        }
    }
}
