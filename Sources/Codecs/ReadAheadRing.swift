import LinuxSystem
import OCISpec

/// A few pieces of memory that one thread fills from a stream, another hashes, and a third uses, each in order.
// @unchecked Sendable: every counter is read and written under the monitor's lock. A piece's memory and the source are
// the filling thread's until the piece is counted as filled, and nobody writes to it before both others have done with
// it; the hasher is the hashing thread's until that has ended.
final class ReadAheadRing: @unchecked Sendable {
    /// Bytes of a piece: a few milliseconds of work, and small enough to stay in a processor's cache on its way.
    static let pieceSize = 256 << 10
    private static let capacity = 8

    private let monitor = Monitor()
    private let source: any ByteReader
    private let isThreaded: Bool
    private let memory = UnsafeMutableRawBufferPointer.allocate(
        byteCount: pieceSize * capacity, alignment: 4096)
    private var counts = [Int](repeating: 0, count: capacity)
    private var hasher: SHA256Hasher? = SHA256Hasher()
    private var result: Digest?

    // Pieces are numbered; piece n lies in place n % capacity. used <= filled, hashed <= filled.
    private var filled = 0
    private var hashed = 0
    private var used = 0
    /// True while the piece `used` is in the hands of the user.
    private var isInUse = false
    private var isEnded = false
    private var failure: (any Error)?
    private var threads = 0
    private var hasThreads = false
    private var isStopping = false

    init(_ source: any ByteReader, threaded: Bool) {
        self.source = source
        isThreaded = threaded
    }

    deinit { memory.deallocate() }

    // MARK: - The user's side

    /// The next piece, valid until the next call; empty at the end. Throws the source's error when all that came before
    /// it was given out.
    func next() throws -> UnsafeRawBufferPointer {
        if !hasThreads { fillHere() }
        return try monitor.locked {
            if isInUse {
                if isFull { monitor.wake() }
                used += 1
                isInUse = false
            }
            while used == filled, !isEnded { monitor.wait() }
            if used < filled {
                isInUse = true
                return UnsafeRawBufferPointer(rebasing: place(used)[..<counts[used % Self.capacity]])
            }
            if let failure { throw failure }
            return UnsafeRawBufferPointer(start: nil, count: 0)
        }
    }

    /// The digest of the stream, whose end ``next()`` has shown.
    func digest() -> Digest {
        monitor.locked {
            while hashed < filled || threads > 0 { monitor.wait() }
            if let hasher = hasher.take() { result = hasher.finalize() }
            return result ?? Digest.sha256(of: [])
        }
    }

    /// Ends the threads; returns when they are gone.
    func stop() {
        monitor.locked {
            isStopping = true
            monitor.wake()
            while threads > 0 { monitor.wait() }
        }
    }

    /// Fills and hashes one piece on the calling thread; starts the others where there is more to come.
    private func fillHere() {
        guard !isEnded else { return }
        let isFirst = filled == 0
        fillOne(hashing: true)
        guard isFirst, isThreaded, !isEnded else { return }
        threads = 1
        hasThreads = Thread.start { self.fillAll() }
        if !hasThreads { threads = 0 }
    }

    // MARK: - The other threads

    private func fillAll() {
        monitor.locked { threads += 1 }
        let isAlone = !Thread.start { self.hashAll() }
        if isAlone { leave() }
        while waitForRoom() { fillOne(hashing: isAlone) }
        leave()
    }

    /// False when nothing more is to be filled.
    private func waitForRoom() -> Bool {
        monitor.locked {
            while isFull, !isStopping { monitor.wait() }
            return !isEnded && !isStopping
        }
    }

    /// Fills the next piece, wholly unless the stream ends or fails before.
    private func fillOne(hashing: Bool) {
        let place = place(filled)
        var count = 0
        var isAtEnd = false
        var error: (any Error)?
        do {
            while count < place.count, !isAtEnd {
                let length = try source.read(into: UnsafeMutableRawBufferPointer(rebasing: place[count...]))
                count += length
                isAtEnd = length == 0
            }
        } catch let thrown {
            error = thrown
            isAtEnd = true
        }
        if hashing { hasher?.update(UnsafeRawBufferPointer(rebasing: place[..<count])) }
        monitor.locked {
            // Each is woken only for what it may be waiting for: all at every piece would cost more than the hashing.
            if used == filled || hashed == filled || isAtEnd { monitor.wake() }
            counts[filled % Self.capacity] = count
            if count > 0 {
                filled += 1
                if hashing { hashed += 1 }
            }
            isEnded = isAtEnd
            failure = error
        }
    }

    private func hashAll() {
        while let piece = nextToHash() {
            hasher?.update(piece)
            monitor.locked {
                if isFull || isEnded { monitor.wake() }
                hashed += 1
            }
        }
        leave()
    }

    private func nextToHash() -> UnsafeRawBufferPointer? {
        monitor.locked {
            while hashed == filled, !isEnded, !isStopping { monitor.wait() }
            guard hashed < filled, !isStopping else { return nil }
            return UnsafeRawBufferPointer(rebasing: place(hashed)[..<counts[hashed % Self.capacity]])
        }
    }

    /// True while there is no piece to fill.
    private var isFull: Bool { filled - min(used, hashed) == Self.capacity }

    private func leave() {
        monitor.locked {
            threads -= 1
            monitor.wake()
        }
    }

    private func place(_ piece: Int) -> UnsafeMutableRawBufferPointer {
        let start = piece % Self.capacity * Self.pieceSize
        return UnsafeMutableRawBufferPointer(rebasing: memory[start..<start + Self.pieceSize])
    }
}
