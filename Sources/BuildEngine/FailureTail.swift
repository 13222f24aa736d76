import Synchronization

/// Keeps the end of what a step's command writes, whole lines of it, for the report of a failure.
final class FailureTail: Sendable {
    private let limit: Int
    private let kept = Mutex<[UInt8]>([])

    /// Keeps at least the last `limit` bytes while there are as many.
    init(limit: Int = 64 << 10) { self.limit = limit }

    func append(_ bytes: UnsafeRawBufferPointer) {
        kept.withLock { kept in
            kept.append(contentsOf: bytes)
            // Cut rarely, so that a flood costs one move for each `limit` bytes.
            if kept.count > 2 * limit { kept.removeFirst(kept.count - limit) }
        }
    }

    var bytes: [UInt8] {
        kept.withLock { kept in
            guard kept.count > limit else { return kept }
            let end = kept.suffix(limit)
            guard let newline = end.firstIndex(of: 0x0A) else { return Array(end) }
            return Array(end[(newline + 1)...])
        }
    }
}
