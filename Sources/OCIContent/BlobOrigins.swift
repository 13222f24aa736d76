import LinuxSystem
import OCISpec

/// Where blobs that a store lacks may be had.
///
/// Beside the store's blobs `origins/<hex>` lists the places of one blob, the latest first, one a line: a repository as
/// `registry/name`, or an image layout on this machine as `layout:/path`. A place is a hint and nothing more: what comes
/// from it is held against the digest. The files are not synchronised, because what a power cut takes of them can be
/// had again by pulling the image.
package struct BlobOrigins: Sendable {
    /// How many places of one blob are remembered.
    package static let mostPlaces = 8
    /// What the place of an image layout begins with; the rest is its absolute path.
    package static let layoutPrefix = "layout:"
    private static let longestFile = 64 << 10

    /// The store's root.
    package let store: Path
    private let folder: Path
    private let lock: Path

    /// The origins beside the store at `storeRoot`. Nothing is made before the first is noted.
    package init(storeRoot: Path) {
        store = storeRoot
        folder = storeRoot / "origins"
        lock = storeRoot / "locks/origins"
    }

    /// The place that an image layout is, given its absolute path; nil where its name cannot stand in a line of text.
    package static func place(layout path: Path) -> String? {
        guard path.isAbsolute, let text = path.string, isPlace(layoutPrefix + text) else { return nil }
        return layoutPrefix + text
    }

    /// Remembers that these blobs may be had at `place`. Costs one short read a blob where that is known already. For a
    /// thread that may block.
    package func note(_ digests: [Digest], at place: String) throws {
        guard Self.isPlace(place) else {
            throw ContentError(.layoutInvalid, place, "no place of blobs: a line that is not empty is expected")
        }
        let new = digests.filter { !places(of: $0).contains(place) }
        guard !new.isEmpty else { return }
        for directory in [folder, lock.parent ?? folder] { try FileSystem.makeDirectories(directory, mode: 0o700) }
        let held = try FileLock(lock)
        defer { withExtendedLifetime(held) {} }
        for digest in new {
            let known = places(of: digest)
            guard !known.contains(place) else { continue }
            let lines = ([place] + known).prefix(Self.mostPlaces).map { $0 + "\n" }.joined()
            try FileSystem.writeAtomically(Array(lines.utf8), to: file(digest), durable: false)
        }
    }

    /// Where the blob may be had, the latest place first. What cannot be read counts as nothing.
    package func places(of digest: Digest) -> [String] {
        guard let bytes = try? FileSystem.readFile(file(digest), limit: Self.longestFile) else { return [] }
        return bytes.split(separator: UInt8(ascii: "\n")).compactMap { line in
            String(validating: line, as: UTF8.self).flatMap { Self.isPlace($0) ? $0 : nil }
        }
    }

    /// Forgets that the blob may be had at `place`, which said that it has it no more. For a thread that may block.
    package func forget(_ digest: Digest, at place: String) throws {
        guard places(of: digest).contains(place) else { return }
        let held = try FileLock(lock)
        defer { withExtendedLifetime(held) {} }
        let rest = places(of: digest).filter { $0 != place }
        if rest.isEmpty {
            try FileSystem.removeTree(file(digest))
        } else {
            try FileSystem.writeAtomically(
                Array(rest.map { $0 + "\n" }.joined().utf8), to: file(digest), durable: false)
        }
    }

    /// Forgets the places of all blobs but these, and what a crash left. Nobody may note anything meanwhile. Returns the
    /// bytes freed on the disk.
    @discardableResult
    package func prune(keeping kept: Set<Digest>) throws -> Int64 {
        guard FileSystem.exists(folder) else { return 0 }
        let names = Set(kept.map { Self.name($0) })
        var freed: Int64 = 0
        for entry in try DirectoryListing.entries(at: folder) where !names.contains(entry.name) {
            freed += (try FileSystem.statusIfPresent(folder / entry.name)?.blocks ?? 0) * 512
            try FileSystem.removeTree(folder / entry.name)
        }
        return freed
    }

    private func file(_ digest: Digest) -> Path { folder / Self.name(digest) }

    /// Algorithms differ in the length of their names.
    private static func name(_ digest: Digest) -> Path { Path(digest.hex) }

    private static func isPlace(_ place: String) -> Bool {
        !place.isEmpty && place.utf8.count <= 4096 && place.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    }
}
