import Glibc
import LinuxSystem

/// The checkout that a folder is in, read without git, as far as it takes to learn when its commit was made: git takes
/// longer to start than an unchanged build needs in all.
///
/// What is not as usual (objects borrowed from elsewhere or stored as a difference, replaced commits, other kinds of
/// references, SHA-256) is left to git itself. See gitrepository-layout(5), gitformat-pack(5).
struct GitCheckout {
    /// Variables that send git elsewhere than to the folder's own repository.
    private static let detours = [
        "GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_CEILING_DIRECTORIES", "GIT_DISCOVERY_ACROSS_FILESYSTEM", "GIT_REPLACE_REF_BASE",
        "GIT_NO_REPLACE_OBJECTS", "GIT_NAMESPACE", "GIT_GRAFT_FILE",
    ]

    /// The folder that git would find its repository by.
    let top: Path
    /// False where git finds its repository by other means than the folder.
    private let isPlain: Bool

    /// The nearest folder above `folder`, or itself, that has a `.git`; nil where there is none.
    init?(above folder: Path, environment: [String: String]) {
        var current: Path? = folder
        while let here = current, !FileSystem.exists(here / ".git") { current = here.parent }
        guard let top = current else { return nil }
        self.top = top
        // git does not look beyond a mount point.
        let device = (try? FileSystem.status(folder))?.device
        isPlain =
            device != nil && device == (try? FileSystem.status(top))?.device
            && !Self.detours.contains { environment[$0] != nil }
    }

    /// When the commit that HEAD names was made, in seconds since 1970; nil where git itself must be asked.
    func commitTime() -> Int64? {
        guard isPlain, let folder = gitFolder, let common = commonFolder(of: folder),
            let head = text(folder / "HEAD", limit: 4096),
            let commit = resolve(head, folder: folder, common: common, depth: 0),
            !hasReplacements(common), let object = GitObjects(common / "objects").beginning(ofCommit: commit)
        else { return nil }
        return Self.committerTime(object)
    }

    /// `.git` itself, or the folder that it names, as in a worktree or a submodule.
    private var gitFolder: Path? {
        let place = top / ".git"
        guard let status = try? FileSystem.status(place) else { return nil }
        if status.type == .directory { return place }
        guard status.type == .regular, let line = text(place, limit: 4096), line.hasPrefix("gitdir: ") else {
            return nil
        }
        return below(top, String(line.dropFirst("gitdir: ".count)))
    }

    /// Where references and objects are: for a worktree, the repository that it belongs to.
    private func commonFolder(of folder: Path) -> Path? {
        let link = folder / "commondir"
        let common: Path? = FileSystem.exists(link) ? text(link, limit: 4096).map { below(folder, $0) } : folder
        guard let common, FileSystem.exists(common / "objects"), FileSystem.exists(common / "refs") else { return nil }
        return common
    }

    private func below(_ folder: Path, _ text: String) -> Path {
        text.hasPrefix("/") ? Path(text) : folder / Path(text)
    }

    /// The commit that a reference's content names.
    private func resolve(_ content: String, folder: Path, common: Path, depth: Int) -> String? {
        guard content.hasPrefix("ref: ") else { return Self.isObjectName(content) ? content : nil }
        let name = String(content.dropFirst("ref: ".count))
        // Other references than these belong to a worktree alone.
        guard depth < 5, name.hasPrefix("refs/heads/") || name.hasPrefix("refs/tags/"),
            !name.split(separator: "/", omittingEmptySubsequences: false).contains(where: {
                ["", ".", ".."].contains($0)
            })
        else { return nil }
        if let loose = text(common / Path(name), limit: 4096) {
            return resolve(loose, folder: folder, common: common, depth: depth + 1)
        }
        let packed = packedReferences(common)
        let wanted = Array(" \(name)\n".utf8)
        var rest = packed[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            let line = rest[...end]
            rest = rest[(end + 1)...]
            if line.count == 40 + wanted.count, line.dropFirst(40).elementsEqual(wanted) {
                let commit = String(decoding: line.prefix(40), as: UTF8.self)
                return Self.isObjectName(commit) ? commit : nil
            }
        }
        return nil
    }

    /// Whether git may show other commits in the place of some.
    private func hasReplacements(_ common: Path) -> Bool {
        let folder = common / "refs/replace"
        if let entries = try? DirectoryListing.entries(at: folder), !entries.isEmpty { return true }
        let prefix = Array("refs/replace/".utf8)
        return packedReferences(common).split(separator: UInt8(ascii: "\n")).contains {
            $0.dropFirst(41).starts(with: prefix)
        }
    }

    private func packedReferences(_ common: Path) -> [UInt8] {
        (try? FileSystem.readFile(common / "packed-refs", limit: 256 << 20)) ?? []
    }

    /// The first line of a small file, without its end.
    private func text(_ path: Path, limit: Int) -> String? {
        guard let status = try? FileSystem.status(path, following: true), status.type == .regular,
            let bytes = try? FileSystem.readFile(path, limit: limit)
        else { return nil }
        let line = bytes.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        return line.isEmpty ? nil : String(validating: line, as: UTF8.self)
    }

    private static func isObjectName(_ text: String) -> Bool {
        text.utf8.count == 40 && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }

    /// The time in a commit's line `committer NAME <ADDRESS> SECONDS ZONE`.
    private static func committerTime(_ commit: [UInt8]) -> Int64? {
        let newline = UInt8(ascii: "\n")
        var rest = commit[...]
        while let end = rest.firstIndex(of: newline), end > rest.startIndex {
            let line = rest[..<end]
            rest = rest[(end + 1)...]
            guard line.starts(with: "committer ".utf8) else { continue }
            guard let mark = line.lastIndex(of: UInt8(ascii: ">")) else { return nil }
            let words = line[(mark + 1)...].split(separator: UInt8(ascii: " "))
            guard words.count == 2 else { return nil }
            return Int64(String(decoding: words[0], as: UTF8.self))
        }
        return nil
    }
}
