import OCISpec
import Synchronization

/// Which repositories are known to hold a blob, so that a push can mount it from there instead of sending it.
///
/// A few of each blob: the one seen last may have lost it since, and another may still have it.
final class MountSources: Sendable {
    private struct Key: Hashable {
        var domain: String
        var digest: Digest
    }

    /// How many are asked before the blob is sent.
    private static let limit = 3

    private let repositories = Mutex<[Key: [String]]>([:])

    /// Remembers the latest sighting.
    func note(_ digest: Digest, domain: String, repository: String) {
        repositories.withLock { repositories in
            var known = repositories[Key(domain: domain, digest: digest)] ?? []
            guard known.first != repository else { return }
            known.removeAll { $0 == repository }
            // One more than are asked, because the repository that is pushed to may be among them.
            repositories[Key(domain: domain, digest: digest)] = Array(([repository] + known).prefix(Self.limit + 1))
        }
    }

    /// Repositories on that registry, other than `repository`, that hold the blob, the latest sighting first.
    func sources(of digest: Digest, domain: String, otherThan repository: String) -> [String] {
        let known = repositories.withLock { $0[Key(domain: domain, digest: digest)] } ?? []
        return Array(known.filter { $0 != repository }.prefix(Self.limit))
    }
}
