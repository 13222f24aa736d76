import Archive
import LinuxSystem
import OCISpec

/// One entry of a layer, as its table of contents keeps it.
package struct TableEntry: Hashable, Sendable {
    /// Path, type, metadata and link target. Of the names of one hard-linked file the first in byte order is the file
    /// and the others are links to it; a hard link's target may also be a file of a layer below.
    package var entry: ArchiveEntry
    /// The digest of the content, where somebody computed it.
    package var contentDigest: Digest?

    package init(_ entry: ArchiveEntry, contentDigest: Digest? = nil) {
        self.entry = entry
        self.contentDigest = contentDigest
    }
}

/// What a layer contains, without the contents: enough to resolve paths, users and groups of an image whose layers
/// are not unpacked, or not even here.
package struct TableOfContents: Hashable, Sendable {
    /// The bytes of the account files, where the layer has them as regular files of at most 10 MiB.
    package struct AccountFiles: Hashable, Sendable {
        /// `/etc/passwd`
        package var passwd: [UInt8]?
        /// `/etc/group`
        package var group: [UInt8]?

        package init(passwd: [UInt8]? = nil, group: [UInt8]? = nil) {
            self.passwd = passwd
            self.group = group
        }

        static let passwdPath: Path = "etc/passwd"
        static let groupPath: Path = "etc/group"

        static let paths = [passwdPath, groupPath]

        /// True for the paths of account files.
        static func isAccountFile(_ path: Path) -> Bool { paths.contains(path) }

        /// The largest account file that is looked at, in bytes.
        package static let limit = 10 << 20
    }

    /// In byte order of the path, each path once.
    package var entries: [TableEntry]
    /// Paths deleted from the layers below, in byte order.
    package var whiteouts: [Path]
    /// Directories that hide what the layers below have in them, in byte order. "" among them hides all of it.
    package var opaques: [Path]
    package var accountFiles: AccountFiles

    package init(
        entries: [TableEntry] = [], whiteouts: [Path] = [], opaques: [Path] = [],
        accountFiles: AccountFiles = AccountFiles()
    ) {
        self.entries = entries
        self.whiteouts = whiteouts
        self.opaques = opaques
        self.accountFiles = accountFiles
    }
}

extension TableOfContents {
    /// The index of the first entry whose path is not before `path`.
    func firstIndex(notBefore path: Path) -> Int {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].entry.path < path { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The entry of exactly this path.
    package func entry(at path: Path) -> TableEntry? {
        let index = firstIndex(notBefore: path)
        guard index < entries.count, entries[index].entry.path == path else { return nil }
        return entries[index]
    }

    /// The entries below a directory, at any depth, without the directory itself.
    func entries(below directory: Path) -> ArraySlice<TableEntry> {
        if directory.isEmpty {
            let start = entries.first.map { $0.entry.path.isEmpty ? 1 : 0 } ?? 0
            return entries[start...]
        }
        // All paths below "d" start with "d/", and "0" is the byte after "/".
        let start = firstIndex(notBefore: Path(bytes: directory.bytes + [UInt8(ascii: "/")]))
        let end = firstIndex(notBefore: Path(bytes: directory.bytes + [UInt8(ascii: "0")]))
        return entries[start..<end]
    }

    /// The index of the first of sorted paths that is not before `path`.
    private static func firstIndex(notBefore path: Path, in paths: [Path]) -> Int {
        var low = 0
        var high = paths.count
        while low < high {
            let middle = (low + high) / 2
            if paths[middle] < path { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// True when `paths`, sorted, has exactly this path.
    static func contains(_ path: Path, in paths: [Path]) -> Bool {
        let index = firstIndex(notBefore: path, in: paths)
        return index < paths.count && paths[index] == path
    }

    /// Those of sorted paths that lie below a directory.
    static func paths(below directory: Path, in paths: [Path]) -> ArraySlice<Path> {
        if paths.isEmpty { return [] }
        if directory.isEmpty { return paths[0].isEmpty ? paths.dropFirst() : paths[...] }
        let start = firstIndex(notBefore: Path(bytes: directory.bytes + [UInt8(ascii: "/")]), in: paths)
        let end = firstIndex(notBefore: Path(bytes: directory.bytes + [UInt8(ascii: "0")]), in: paths)
        return paths[start..<end]
    }
}
