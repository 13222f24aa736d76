import BuildEngine
import Codecs
import Glibc
import LinuxSystem
import OCIContent
import OCIRegistry
import OCISpec

extension Builder {
    /// How often a request to a shared cache is tried: a build that waits long for what it can do without is no faster
    /// for it.
    private static let cacheAttempts = 2

    /// The repository's name in a layout: nobody sees it but other tools.
    private static let folderRepository = Reference(domain: "localhost", repository: "ocibuild-cache")

    /// The shared caches that a build asks for; nil where it asks for none. One that cannot even be opened is warned of
    /// and left out.
    func sharedCaches(
        _ options: BuildOptions, report: @escaping @Sendable (BuildEvent) -> Void
    ) throws -> SharedCaches? {
        guard !options.cacheFrom.isEmpty || !options.cacheTo.isEmpty else { return nil }
        let keys = try cacheKeys(options.cacheKey)
        let client = RegistryClient(sharing: registry, attempts: Self.cacheAttempts)
        var sources: [SharedCache] = []
        for source in options.cacheFrom where options.usesCache {
            // Nothing was written there yet, as in the first run of a pipeline.
            if case .folder(let path) = source.place, !FileSystem.exists(Path(path)) { continue }
            let age = source.maximumAge ?? options.cacheMaximumAge
            do {
                sources.append(
                    try cache(source.place, client, keys: keys, maximumAge: age?.components.seconds, makes: false))
            } catch {
                report(.warning("a cache cannot be read, and the build goes on without it: \(error)"))
            }
        }
        var targets: [SharedCaches.Target] = []
        for target in options.cacheTo {
            if let keys, !keys.canSign {
                report(
                    .warning(
                        "nothing is written to shared caches: the key that is given is a public one, which can check what others "
                            + "sign and sign nothing"))
                break
            }
            let age =
                target.maximumAge ?? options.cacheFrom.first { $0.place == target.place }?.maximumAge
                ?? options.cacheMaximumAge
            do {
                let cache = try cache(
                    target.place, client, keys: keys, maximumAge: age?.components.seconds, makes: true)
                targets.append(SharedCaches.Target(cache: cache, hasAllStages: target.mode == .max))
            } catch {
                report(.warning("a cache cannot be written, and the build goes on without it: \(error)"))
            }
        }
        return SharedCaches(sources: sources, targets: targets, report: report)
    }

    /// Takes results that are older than `age` out of a shared cache. Its registry decides when it frees what they took;
    /// a folder's bytes are freed at once, but for those of the last hour.
    public func pruneCache(_ place: CachePlace, olderThan age: Duration) async throws -> CachePruning {
        if case .folder(let path) = place, !FileSystem.exists(Path(path)) {
            throw ContentError(.layoutInvalid, path, "there is no such folder")
        }
        let cache = try cache(place, registry, keys: nil, maximumAge: nil, makes: false)
        let pruned = try await cache.prune(olderThan: age.components.seconds)
        var result = CachePruning(removed: pruned.removed, kept: pruned.kept, freedBytes: nil)
        if let layout = cache.contents as? ImageLayout {
            result.freedBytes = try await BlockingPool.shared.run { try layout.removeUnneeded().bytes }
        }
        return result
    }

    private func cache(
        _ place: CachePlace, _ client: RegistryClient, keys: SigningKeys?, maximumAge: Int64?, makes: Bool
    ) throws -> SharedCache {
        switch place {
        case .registry(let reference):
            let repository = Reference(domain: reference.domain, repository: reference.repository)
            return SharedCache(
                name: repository.familiar, place: repository.name, contents: try client.repository(repository),
                repository: repository, keys: keys, maximumAge: maximumAge)
        case .folder(let path):
            let layout = makes ? try ImageLayout(creating: path) : try ImageLayout(opening: path)
            guard let place = BlobOrigins.place(layout: try FileSystem.canonical(Path(path))) else {
                throw ContentError(.layoutInvalid, path, "its path has characters that a line of text cannot hold")
            }
            return SharedCache(
                name: path, place: place, contents: layout, repository: Self.folderRepository, keys: keys,
                maximumAge: maximumAge)
        }
    }

    /// The keys that shared results are signed and checked with: of the file that is named, or of `OCIBUILD_CACHE_KEY`,
    /// which may hold the text itself.
    private func cacheKeys(_ option: String?) throws -> SigningKeys? {
        guard let named = option ?? environment["OCIBUILD_CACHE_KEY"].flatMap({ $0.isEmpty ? nil : $0 }) else {
            return nil
        }
        let isText = named.hasPrefix("-----BEGIN ")
        let name = isText ? "the key in OCIBUILD_CACHE_KEY" : "the key file \(named)"
        do {
            let pem = isText ? Array(named.utf8) : try FileSystem.readFile(Path(named), limit: 1 << 20)
            return try SigningKeys(pem: pem)
        } catch {
            throw EngineError(.cacheKey, name, "\(name) for shared caches cannot be used: \(error)")
        }
    }
}

/// What a pruning of a shared cache did.
public struct CachePruning: Sendable, Hashable, Encodable {
    /// How many results were taken out.
    public var removed: Int
    /// How many stayed.
    public var kept: Int
    /// Bytes freed on the disk; nil where a registry frees them when it sees fit.
    public var freedBytes: Int64?
}
