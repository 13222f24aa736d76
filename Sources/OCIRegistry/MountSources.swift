import OCISpec
import Synchronization

/// Which repositories are known to hold a blob, so that a push can mount it from there instead of sending it.
final class MountSources: Sendable {
    private struct Key: Hashable {
        var domain: String
        var digest: Digest
    }

    private let repositories = Mutex<[Key: String]>([:])

    /// Remembers the latest sighting.
    func note(_ digest: Digest, domain: String, repository: String) {
        repositories.withLock { $0[Key(domain: domain, digest: digest)] = repository }
    }

    /// A repository on that registry, other than `repository`, that holds the blob.
    func source(of digest: Digest, domain: String, otherThan repository: String) -> String? {
        repositories.withLock { $0[Key(domain: domain, digest: digest)] }.flatMap { $0 == repository ? nil : $0 }
    }
}
