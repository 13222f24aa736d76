import Glibc
import LinuxSystem
import OCISpec

/// The unpacked layers of a store: one directory a layer, in the form that overlayfs takes as a lower directory.
///
/// `snapshots/<id>/fs` holds the tree; `snapshots/chains-<form>/<chain>` holds the id of the directory that stands for
/// a stack's topmost layer, and is written after the tree is complete.
package struct Snapshots: Sendable {
    /// Names a directory below the snapshots folder.
    package typealias ID = String

    /// The folder of all snapshots.
    package let folder: Path
    private let chains: Path
    private let trash: Path

    /// Which run of the machine this is. Snapshots are not synchronised to the disk, for that would cost more than to
    /// unpack them again; so one that a power cut may have torn must not be believed: its blob is unpacked anew.
    private static let boot = String(
        decoding: ((try? FileSystem.readFile("/proc/sys/kernel/random/boot_id", limit: 64)) ?? []).prefix { $0 > 0x20 },
        as: UTF8.self)

    private static func read(_ file: Path) -> (id: ID, boot: String)? {
        guard let content = try? FileSystem.readFile(file, limit: 256) else { return nil }
        let words = String(decoding: content, as: UTF8.self).split(separator: " ", omittingEmptySubsequences: false)
        return words.count == 2 ? (ID(words[0]), String(words[1])) : nil
    }

    /// Opens the snapshots below a store's root. `form` keeps directories apart that differ in how they mark deletions.
    package init(storeRoot: Path, form: String) throws {
        folder = storeRoot / "snapshots"
        chains = folder / Path("chains-\(form)")
        trash = storeRoot / "trash"
        try FileSystem.makeDirectories(chains)
        // Other users must not reach set-uid files or devices of an image through the store.
        if try FileSystem.status(folder).mode != 0o700 { try FileSystem.setMode(folder, 0o700) }
        try FileSystem.makeDirectories(trash)
    }

    /// The forms in which a store has trees.
    package static func forms(storeRoot: Path) throws -> [String] {
        let folder = storeRoot / "snapshots"
        guard FileSystem.exists(folder) else { return [] }
        return try DirectoryListing.entries(at: folder).filter { $0.type == .directory }.compactMap { entry in
            guard let name = entry.name.string, name.hasPrefix("chains-") else { return nil }
            return String(name.dropFirst("chains-".count))
        }
    }

    /// The tree of a snapshot.
    package func tree(_ id: ID) -> Path { folder / Path(id) / "fs" }

    /// The folder that an overlay mount works in while the snapshot is active.
    package func work(_ id: ID) -> Path { folder / Path(id) / "work" }

    /// The snapshot that stands for the topmost layer of a stack, if it is there.
    package func find(_ chain: ChainID) -> ID? {
        guard let digest = chain.digest, let named = Self.read(chains / Path(digest.hex)), named.boot == Self.boot,
            FileSystem.exists(tree(named.id))
        else { return nil }
        return named.id
    }

    /// As long as an ID is at most.
    static let longestID = id(.max)

    private static func id(_ number: UInt64) -> ID { String(number, radix: 36) }

    /// Makes an empty snapshot that is not known under any chain yet.
    package func create() throws -> ID {
        while true {
            let id = Self.id(.random(in: .min ... .max))
            do {
                try FileSystem.makeDirectory(folder / Path(id), mode: 0o700)
            } catch {
                if error.errno == .exists { continue }
                throw error
            }
            try FileSystem.makeDirectory(tree(id))
            try FileSystem.setMode(tree(id), 0o755)
            try FileSystem.makeDirectory(work(id), mode: 0o700)
            return id
        }
    }

    /// Makes a finished snapshot known as the topmost layer of `chain`, and returns the one that is known as that: if
    /// another build was first, its snapshot stands.
    package func commit(_ id: ID, as chain: ChainID) throws -> ID {
        guard let digest = chain.digest else { return id }
        try? FileSystem.removeTree(work(id))
        let lock = try FileLock(Path(bytes: chains.bytes + Array(".lock".utf8)))
        defer { withExtendedLifetime(lock) {} }
        if let first = find(chain) { return first }
        try FileSystem.writeAtomically(Array("\(id) \(Self.boot)".utf8), to: chains / Path(digest.hex), durable: false)
        return id
    }

    /// A directory with nothing in it, where an overlay needs one below and there is none.
    package func empty() throws -> Path {
        let path = tree("empty")
        try FileSystem.makeDirectories(path)
        return path
    }

    /// Moves a snapshot out of the way; its bytes are freed by ``emptyTrash()``.
    package func discard(_ id: ID) {
        try? FileSystem.rename(folder / Path(id), to: trash / Path(id))
    }

    /// Deletes what was discarded, if there is something, on a thread that nobody waits for.
    func emptyTrashAside() {
        guard let entries = try? DirectoryListing.entries(at: trash), !entries.isEmpty else { return }
        Thread.start { [self] in emptyTrash() }
    }

    /// Deletes what was discarded. May take long: call it from a thread that nobody waits for. What cannot be deleted
    /// stays for the next time; the result says why.
    @discardableResult
    package func emptyTrash() -> SystemError? {
        var failure: SystemError?
        for entry in (try? DirectoryListing.entries(at: trash)) ?? [] {
            do throws(SystemError) { try FileSystem.removeTree(trash / entry.name) } catch { failure = error }
        }
        return failure
    }

    /// All snapshots, and the chains that name them; nil for the snapshot of an earlier run of the machine, which
    /// ``find(_:)`` does not believe any more.
    package func all() throws -> (ids: [ID], chains: [(hex: String, id: ID?)]) {
        let ids = try DirectoryListing.entries(at: folder).compactMap { $0.name.string }.filter {
            !$0.hasPrefix("chains-")
        }
        let named: [(String, ID?)] = try DirectoryListing.entries(at: chains).compactMap { entry in
            guard let hex = entry.name.string, !hex.hasPrefix("."), let named = Self.read(chains / entry.name) else {
                return nil
            }
            return (hex, named.boot == Self.boot ? named.id : nil)
        }
        return (ids, named)
    }

    /// Forgets which snapshot stands for a chain.
    package func forget(chain hex: String) { try? FileSystem.unlink(chains / Path(hex)) }
}
