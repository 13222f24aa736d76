import LinuxSystem

/// Says that a process is using a store: while one lives, no blob of that store is collected.
public final class StoreLease: Sendable {
    private let lock: FileLock
    /// Whether nobody else uses the store meanwhile.
    let isExclusive: Bool

    init(_ lock: FileLock, isExclusive: Bool) {
        self.lock = lock
        self.isExclusive = isExclusive
    }
}

extension LocalStore {
    private var usePath: Path { root / "locks/use" }

    /// Protects all blobs until the lease goes. Waits while another process collects. A build, a pull or a load holds
    /// one from before it looks for its first blob until its images are tagged.
    public func lease() throws -> StoreLease {
        StoreLease(try FileLock(usePath, exclusive: false), isExclusive: false)
    }

    /// Shuts everybody else out of building and pulling; throws `store-busy` if somebody is at it.
    public func exclusiveLease() throws -> StoreLease {
        guard let lock = try FileLock.attempt(usePath) else {
            throw ContentError(
                .storeBusy, root.description, "is in use by a running build or transfer; try again when it is done")
        }
        return StoreLease(lock, isExclusive: true)
    }
}
