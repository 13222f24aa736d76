import Codecs
import LinuxSystem
import OCISpec

/// The entries of a log that this machine has read before. Entries never change, so this saves reading them again; it
/// holds nothing that the registry does not have, and may be lost at any time.
package struct CatalogueCache: Sendable {
    private static let version = 1
    /// Larger than any log of sense; a file beyond it is not read.
    private static let limit = 256 << 20

    private struct Document: Codable {
        let version: Int
        let log: String
        let entries: [CatalogueLog.Entry]
    }

    private let path: Path
    private let log: String

    /// The cache of the log in that repository, in a folder that need not exist.
    package init(folder: Path, repository: Reference) {
        log = repository.name
        path = folder / Path("\(Digest.sha256(of: Array(repository.name.utf8)).hex.prefix(32)).json")
    }

    /// What was kept; nothing where the file is missing, unreadable or not what was written. For a thread that may
    /// block.
    package func load() -> [CatalogueLog.Entry] {
        guard let bytes = try? FileSystem.readFile(path, limit: Self.limit),
            let document = try? CanonicalJSON.decode(Document.self, from: bytes, limit: Self.limit),
            document.version == Self.version, document.log == log,
            document.entries.enumerated().allSatisfy({ $1.slot == $0 + 1 })
        else { return [] }
        return document.entries
    }

    /// Keeps the entries. What prevents it is no error: they are read again next time. For a thread that may block.
    package func save(_ entries: [CatalogueLog.Entry]) {
        guard let bytes = try? CanonicalJSON.encode(Document(version: Self.version, log: log, entries: entries)),
            let folder = path.parent, (try? FileSystem.makeDirectories(folder, mode: 0o700)) != nil
        else { return }
        try? FileSystem.writeAtomically(bytes, to: path, mode: 0o600, durable: false)
    }
}
