import LinuxSystem

/// What the name of a layer entry means: a file, or a deletion written as a file.
///
/// See https://github.com/opencontainers/image-spec/blob/main/layer.md#whiteouts
package enum LayerName: Hashable, Sendable {
    /// An entry of the tree.
    case ordinary(Path)
    /// The path is deleted from the layers below.
    case whiteout(Path)
    /// The directory hides what the layers below have in it.
    case opaque(Path)
    /// A name that old union file systems kept for themselves (".wh..wh.plnk"); not part of the tree.
    case reserved

    private static let prefix = Array(".wh.".utf8)
    private static let reservedPrefix = Array(".wh..wh.".utf8)
    private static let opaqueName = Array(".wh..wh..opq".utf8)

    /// Reads the name of an entry; `path` is relative, without "." and "..".
    package init(of path: Path) throws(LayersError) {
        // Most paths have no such name in them.
        let isMarked = path.bytes.withUnsafeBytes { bytes in
            let (dot, w) = (UInt8(ascii: "."), UInt8(ascii: "w"))
            var index = 1
            while index < bytes.count {
                if bytes[index] == w, bytes[index - 1] == dot { return true }
                index += 1
            }
            return false
        }
        guard isMarked, let name = path.lastComponent else {
            self = .ordinary(path)
            return
        }
        if path.bytes.count > name.bytes.count, try Self.isInsideReserved(path) {
            self = .reserved
            return
        }
        guard name.bytes.starts(with: Self.prefix) else {
            self = .ordinary(path)
            return
        }
        if name.bytes == Self.opaqueName {
            self = .opaque(path.directory)
            return
        }
        if name.bytes.starts(with: Self.reservedPrefix) {
            self = .reserved
            return
        }
        let hidden = Path(bytes: name.bytes.dropFirst(Self.prefix.count))
        guard !hidden.isEmpty, !hidden.isSelfReference, !hidden.isParentReference else {
            throw LayersError(.invalidWhiteout, path, "the layer has a whiteout that names no file; it is damaged")
        }
        self = .whiteout(path.directory / hidden)
    }

    private static func isInsideReserved(_ path: Path) throws(LayersError) -> Bool {
        for component in path.components.dropLast() where component.bytes.starts(with: prefix) {
            if component.bytes.starts(with: reservedPrefix) { return true }
            throw LayersError(.invalidWhiteout, path, "the layer has an entry below a whiteout; it is damaged")
        }
        return false
    }

    /// True for a single name that a layer would take for a deletion.
    package static func isWhiteout(_ name: Path) -> Bool { name.bytes.starts(with: prefix) }

    /// The entry name that deletes `path`: "a/b" → "a/.wh.b".
    package static func whiteout(of path: Path) -> Path {
        path.directory / Path(bytes: prefix + (path.lastComponent?.bytes ?? []))
    }

    /// The entry name that makes the directory `path` hide what is below: "a" → "a/.wh..wh..opq".
    package static func opaque(of path: Path) -> Path { path / Path(bytes: opaqueName) }
}
