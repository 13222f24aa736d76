import OCISpec
import Synchronization

/// A set of digests for several threads.
final class DigestSet: Sendable {
    private let digests = Mutex<Set<Digest>>([])

    func insert(_ digest: Digest) { _ = digests.withLock { $0.insert(digest) } }

    func contains(_ digest: Digest) -> Bool { digests.withLock { $0.contains(digest) } }

    /// Whether it was there.
    @discardableResult
    func remove(_ digest: Digest) -> Bool { digests.withLock { $0.remove(digest) != nil } }
}
