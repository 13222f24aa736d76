import BuildModel
import LinuxSystem

/// The directories that outlive a build: `RUN --mount=type=cache`.
///
/// `cache-mounts/<name>/<number>/data` holds one; beside it are its lock and, for people, its id. The name is a digest,
/// so that no id is ever a path. Numbers from 1 are those that steps got because another had number 0 for itself.
struct CacheMounts: Sendable {
    /// A directory that nobody else may use in a way that its user did not agree to, while this is there.
    final class Lease: Sendable {
        /// The folder of the directory `data`.
        let folder: Path
        private let lock: FileLock

        fileprivate init(folder: Path, lock: FileLock) {
            self.folder = folder
            self.lock = lock
        }
    }

    /// The folder of all of them.
    let folder: Path

    init(storeRoot: Path) { folder = storeRoot / "cache-mounts" }

    /// What names a cache on disk: its id, and all that a new one is made of. Whoever keeps owners in another way has
    /// caches of their own.
    static func name(_ cache: RunMount.Cache, origin: String?, form: TreeForm) -> String {
        var builder = StepKey.Builder("cache mount 1")
        builder.add(form.ownership == .real ? "host ids" : form.name)
        builder.add(cache.id ?? cache.target)
        builder.add(origin)
        builder.add(origin == nil ? "" : cache.source)
        builder.add([cache.access.uid, cache.access.gid].map { $0.map(String.init) ?? "" })
        builder.add(cache.access.mode.map { String($0, radix: 8) })
        return builder.finish().hex
    }

    /// Waits until the cache may be used, and makes it where there is none.
    /// - Parameters:
    ///   - alone: nobody else may use it meanwhile, whatever its sharing says.
    ///   - fill: makes the given path the new cache.
    func open(
        _ cache: RunMount.Cache, name: String, alone: Bool, fill: (Path) async throws -> Void
    ) async throws -> Lease {
        let home = folder / Path(name)
        try FileSystem.makeDirectories(home, mode: 0o700)
        try FileSystem.setMode(folder, 0o700)
        if !FileSystem.exists(home / "id") {
            try FileSystem.writeAtomically(Array((cache.id ?? cache.target).utf8), to: home / "id", durable: false)
        }
        let lease = try await wait(cache.sharing, in: home, alone: alone)
        let data = lease.folder / "data"
        guard !FileSystem.exists(data) else { return lease }
        let fresh = lease.folder / Path("\(Self.unfinished)\(UInt64.random(in: .min ... .max))")
        do {
            try await fill(fresh)
            try FileSystem.rename(fresh, to: data, replacing: false)
        } catch {
            try? FileSystem.removeTree(fresh)
            // Another step that shares the cache was first.
            guard (error as? SystemError)?.errno == .exists, FileSystem.exists(data) else { throw error }
        }
        return lease
    }

    private func wait(_ sharing: RunMount.Sharing, in home: Path, alone: Bool) async throws -> Lease {
        let isExclusive = alone || sharing != .shared
        var number = 0
        var pause = Duration.milliseconds(5)
        while true {
            let place = home / Path("\(number)")
            try FileSystem.makeDirectories(place, mode: 0o700)
            try removeUnfinished(in: place)
            if let lock = try FileLock.attempt(place / "lock", exclusive: isExclusive) {
                return Lease(folder: place, lock: lock)
            }
            if sharing == .private {
                number += 1
                continue
            }
            try await Task.sleep(for: pause)
            pause = min(pause * 2, .milliseconds(200))
        }
    }

    private static let unfinished = "new-"

    /// Removes what a killed builder left half made. Who makes one holds the lock meanwhile.
    private func removeUnfinished(in place: Path) throws {
        func isUnfinished(_ entry: DirectoryEntry) -> Bool { entry.name.bytes.starts(with: Self.unfinished.utf8) }
        guard try DirectoryListing.entries(at: place).contains(where: isUnfinished),
            let lock = try FileLock.attempt(place / "lock", exclusive: true)
        else { return }
        defer { withExtendedLifetime(lock) {} }
        for entry in try DirectoryListing.entries(at: place) where isUnfinished(entry) {
            try FileSystem.removeTree(place / entry.name)
        }
    }

    /// Removes them, all or only those beyond the first of each id, and returns the bytes that were freed. Nothing may
    /// use them.
    func prune(all: Bool) throws -> Int64 {
        var freed: Int64 = 0
        for home in (try? DirectoryListing.entries(at: folder)) ?? [] {
            let path = folder / home.name
            for entry in try DirectoryListing.entries(at: path) {
                if entry.name == "0" { try removeUnfinished(in: path / entry.name) }
                let isFirst = entry.name == "0" || entry.name == "id"
                guard all || !isFirst else { continue }
                freed += try DiskUsage.bytes(below: path / entry.name)
                try FileSystem.removeTree(path / entry.name)
            }
            if all { try FileSystem.removeTree(path) }
        }
        return freed
    }
}
