import Glibc

/// A ring of pieces between the thread that fills them and the threads that do the rest.
///
/// Pieces are hashed in order, one at a time; compressed as it comes, several at a time; written in order, one at a
/// time. Every worker does whichever of these there is to do: what has an order goes first, since nobody else can do
/// it meanwhile. So all processors are busy while there is anything to do, and with many of them the stream is as fast
/// as one hash.
///
/// At most `capacity` pieces exist; the producer waits for the oldest when all are in use.
// @unchecked Sendable: every counter is read and written under `mutex`; a piece's memory belongs to the producer, to a
// compressing worker and the hashing one (which both read it), or to the writing one, and changes hands under `mutex`
// too; the digests are used by one thread at a time each, as `hashes`, `isHashing` and `isWriting` say.
final class PieceRing: @unchecked Sendable {
    private enum Job {
        case hash, compress(Int), write
    }

    private let compression: Compression
    private let memory: (any PieceMemory)?
    private let digests: StreamDigests
    private let hashes: Bool
    private let capacity: Int
    private let threadLimit: Int
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    /// There may be a job, or the end.
    private let jobCondition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    /// There may be room, or a failure.
    private let roomCondition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var pieces: [PieceBuffer] = []
    private var isCompressed: [Bool]
    private var workers: [pthread_t] = []
    // Pieces are numbered; piece n lives in place n % capacity. These count those that are past a station.
    private var submitted = 0
    private var taken = 0
    private var hashed = 0
    private var written = 0
    private var isHashing = false
    private var isWriting = false
    private var idle = 0
    private var stopping = false
    private var failure: (any Error)?

    /// - Parameter hashes: whether the content is hashed here; else the producer has done it.
    init(
        _ compression: Compression, threads: Int, _ memory: (any PieceMemory)?, _ digests: StreamDigests, hashes: Bool
    ) {
        self.compression = compression
        self.memory = memory
        self.hashes = hashes
        self.digests = digests
        threadLimit = min(threads, compression.usefulThreads)
        // One to fill, and a few more so that a piece that takes long holds nobody up.
        capacity = threadLimit + 4
        isCompressed = Array(repeating: false, count: capacity)
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(jobCondition, nil)
        pthread_cond_init(roomCondition, nil)
    }

    deinit {
        pthread_cond_destroy(roomCondition)
        pthread_cond_destroy(jobCondition)
        pthread_mutex_destroy(mutex)
        roomCondition.deallocate()
        jobCondition.deallocate()
        mutex.deallocate()
    }

    // MARK: - The producer's side

    /// The piece to fill, once there is room for one. Throws what a worker met with.
    func pieceToFill() throws -> PieceBuffer {
        try locked {
            try wait { submitted - released < capacity }
            // Pages of a buffer that is never filled are never touched, but small layers should not even reserve it.
            if pieces.count <= submitted, pieces.count < capacity { pieces.append(PieceBuffer(compression)) }
            let piece = pieces[submitted % capacity]
            piece.reset()
            return piece
        }
    }

    /// Hands the piece that was filled to the workers.
    func submit() throws(CodecError) {
        let needsWorker = locked {
            isCompressed[submitted % capacity] = compression == .none
            submitted += 1
            if compression == .none { taken = submitted }
            if !hashes { hashed = submitted }
            pthread_cond_signal(jobCondition)
            return workers.count < threadLimit && idle == 0
        }
        if needsWorker { try startWorker() }
    }

    /// Waits until all pieces are written. Throws what a worker met with.
    func drain() throws {
        try locked { try wait { released == submitted } }
    }

    /// Ends the workers, without waiting for what is queued. Returns when their threads are gone.
    func stop() {
        let threads = locked {
            stopping = true
            pthread_cond_broadcast(jobCondition)
            defer { workers = [] }
            return workers
        }
        for thread in threads { pthread_join(thread, nil) }
    }

    private var released: Int { min(hashed, written) }

    private func wait(until condition: () -> Bool) throws {
        while failure == nil, !condition() { pthread_cond_wait(roomCondition, mutex) }
        if let failure { throw failure }
    }

    // MARK: - The workers' side

    private func startWorker() throws(CodecError) {
        var thread = pthread_t()
        let retained = Unmanaged.passRetained(self)
        let status = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<PieceRing>.fromOpaque(argument).takeRetainedValue().work()
                return nil
            }, retained.toOpaque())
        if status == 0 {
            locked { workers.append(thread) }
            return
        }
        retained.release()
        // Fewer threads than wished are slower, not wrong; none at all would wait for ever.
        if locked({ workers.isEmpty }) {
            throw CodecError(.library, "no thread could be started for compression: errno \(status)")
        }
    }

    private func work() {
        var compressor: PieceCompressor?
        while let (job, piece) = takeJob() {
            do {
                switch job {
                case .hash: try digests.hash(piece.content)
                case .write: try digests.write(piece)
                case .compress:
                    let ready = try compressor ?? PieceCompressor(compression, memory: memory)
                    compressor = ready
                    try piece.compress(with: ready)
                }
                complete(job)
            } catch {
                fail(error)
            }
        }
    }

    private func takeJob() -> (Job, PieceBuffer)? {
        locked {
            while !stopping {
                if let next = nextJob() {
                    // Whoever leaves a job behind sees to it that somebody comes for it.
                    if idle > 0, hasJob { pthread_cond_signal(jobCondition) }
                    return next
                }
                idle += 1
                pthread_cond_wait(jobCondition, mutex)
                idle -= 1
            }
            return nil
        }
    }

    private var canHash: Bool { !isHashing && hashed < submitted }
    private var canWrite: Bool { !isWriting && written < submitted && isCompressed[written % capacity] }
    private var hasJob: Bool { taken < submitted || canHash || canWrite }

    private func nextJob() -> (Job, PieceBuffer)? {
        if canHash {
            isHashing = true
            return (.hash, pieces[hashed % capacity])
        }
        if canWrite {
            isWriting = true
            return (.write, pieces[written % capacity])
        }
        guard taken < submitted else { return nil }
        let place = taken % capacity
        taken += 1
        return (.compress(place), pieces[place])
    }

    private func complete(_ job: Job) {
        locked {
            let before = released
            switch job {
            case .hash:
                hashed += 1
                isHashing = false
            case .write:
                written += 1
                isWriting = false
            case .compress(let place): isCompressed[place] = true
            }
            if released > before { pthread_cond_signal(roomCondition) }
        }
    }

    /// The first failure is the stream's.
    private func fail(_ error: any Error) {
        locked {
            if failure == nil { failure = error }
            stopping = true
            pthread_cond_broadcast(jobCondition)
            pthread_cond_signal(roomCondition)
        }
    }

    private func locked<R, E: Error>(_ body: () throws(E) -> R) throws(E) -> R {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body()
    }
}
