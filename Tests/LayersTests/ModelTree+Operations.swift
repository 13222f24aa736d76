import LinuxSystem

extension ModelTree {
    /// Does an operation; its files get the time `time`.
    func apply(_ operation: FileOperation, at time: FileTime) {
        func touch(_ path: Path) { file(at: path)?.modified = time }
        func make(_ path: Path, _ type: FileType, mode: UInt16, _ change: (inout TreePicture.File) -> Void = { _ in }) {
            var picture = TreePicture.File(type: type, mode: mode, uid: 0, gid: 0, seconds: 0, firstName: path)
            change(&picture)
            put(File(picture, modified: time, isNew: true), at: path)
            touch(path.parent ?? "")
        }
        switch operation {
        case .create(let path, let content, let mode):
            make(path, .regular, mode: mode) { $0.content = content }
        case .write(let path, let content, let offset):
            guard let file = file(at: path) else { return }
            if file.picture.content.count < offset + content.count {
                file.picture.content += [UInt8](
                    repeating: 0, count: offset + content.count - file.picture.content.count)
            }
            file.picture.content.replaceSubrange(offset..<offset + content.count, with: content)
            touch(path)
        case .rewriteSame, .modeAndBack, .replaceByCopy:
            break
        case .disguise(let path):
            guard let file = file(at: path), !file.picture.content.isEmpty else { return }
            file.picture.content[0] ^= 0xFF
        case .truncate(let path, let size):
            guard let file = file(at: path) else { return }
            let content = file.picture.content
            file.picture.content =
                Array(content.prefix(size)) + [UInt8](repeating: 0, count: max(0, size - content.count))
            touch(path)
        case .mode(let path, let mode):
            file(at: path)?.picture.mode = mode
        case .owner(let path, let uid, let gid):
            file(at: path)?.picture.uid = uid
            file(at: path)?.picture.gid = gid
        case .touch(let path):
            touch(path)
        case .rename(let path, let target):
            guard let moved = file(at: path) else { return }
            // rename(2) does nothing when both names are of one file.
            if file(at: target) === moved { break }
            remove(path)
            put(moved, at: target)
            touch(path.parent ?? "")
            touch(target.parent ?? "")
        case .makeDirectory(let path, let mode):
            make(path, .directory, mode: mode)
        case .removeTree(let path):
            remove(path)
            touch(path.parent ?? "")
        case .replaceDirectory(let path):
            make(path, .directory, mode: 0o755)
        case .symlink(let path, let target):
            make(path, .symlink, mode: 0o777) { $0.target = target }
        case .link(let path, let target):
            guard let file = file(at: target) else { return }
            put(file, at: path)
            touch(path.parent ?? "")
        case .node(let path, let type, let device):
            make(path, type, mode: 0o640) { $0.device = device }
        case .attribute(let path, let name, let value):
            file(at: path)?.picture.attributes[Array(name.utf8)] = value
        }
    }
}
