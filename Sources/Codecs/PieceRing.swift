import Glibc

/// A ring of pieces between one producing thread and a few compressing ones. The producer also takes the finished
/// pieces out, in order, so nothing but compression happens on the workers.
///
/// At most `capacity` pieces exist; the producer waits for the oldest when all are in use.
// @unchecked Sendable: every counter is read and written under `mutex`; a piece's memory belongs to exactly one thread
// at a time, and changes hands under `mutex` too.
final class PieceRing: @unchecked Sendable {
    private let compression: Compression
    private let capacity: Int
    private let threadLimit: Int
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let queuedCondition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let finishedCondition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var pieces: [PieceBuffer] = []
    private var finished: [Bool]
    private var workers: [pthread_t] = []
    // Pieces are numbered; piece n lives in place n % capacity. taken <= submitted; released <= submitted.
    private var submitted = 0
    private var taken = 0
    private var released = 0
    private var idle = 0
    private var stopping = false

    init(_ compression: Compression, threads: Int) {
        self.compression = compression
        threadLimit = threads
        // One to fill and one to write while every thread has its own.
        capacity = threads + 2
        finished = Array(repeating: false, count: capacity)
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(queuedCondition, nil)
        pthread_cond_init(finishedCondition, nil)
    }

    deinit {
        pthread_cond_destroy(finishedCondition)
        pthread_cond_destroy(queuedCondition)
        pthread_mutex_destroy(mutex)
        finishedCondition.deallocate()
        queuedCondition.deallocate()
        mutex.deallocate()
    }

    // MARK: - The producer's side

    /// The piece to fill. The ring must not be full.
    func pieceToFill() -> PieceBuffer {
        locked {
            // Pages of a buffer that is never filled are never touched, but small layers should not even reserve it.
            if pieces.count <= submitted, pieces.count < capacity {
                pieces.append(PieceBuffer(size: compression.pieceSize))
            }
            return pieces[submitted % capacity]
        }
    }

    /// Hands the piece that was filled to the workers.
    func submit() throws(CodecError) {
        let needsWorker = locked {
            finished[submitted % capacity] = false
            submitted += 1
            pthread_cond_signal(queuedCondition)
            return workers.count < threadLimit && submitted - taken > idle
        }
        if needsWorker { try startWorker() }
    }

    /// The oldest piece not yet released, once it is finished: at once if it is, else after waiting where the ring is
    /// full or `wait` is set; nil if there is none to have now.
    func oldestFinished(wait: Bool) -> PieceBuffer? {
        locked {
            guard released < submitted else { return nil }
            let place = released % capacity
            while !finished[place] {
                guard wait || submitted - released == capacity else { return nil }
                pthread_cond_wait(finishedCondition, mutex)
            }
            return pieces[place]
        }
    }

    /// Gives the place of the oldest piece free for another.
    func releaseOldest() {
        locked {
            pieces[released % capacity].reset()
            released += 1
        }
    }

    /// Ends the workers, without waiting for queued pieces to be compressed. Returns when their threads are gone.
    func stop() {
        let threads = locked {
            stopping = true
            pthread_cond_broadcast(queuedCondition)
            defer { workers = [] }
            return workers
        }
        for thread in threads { pthread_join(thread, nil) }
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
        let compressor = Result { () throws(CodecError) in try PieceCompressor(compression) }
        while let (place, piece) = takeQueued() {
            switch compressor {
            case .success(let compressor): piece.compress(with: compressor)
            case .failure(let error): piece.result = .failure(error)
            }
            locked {
                finished[place] = true
                pthread_cond_signal(finishedCondition)
            }
        }
    }

    private func takeQueued() -> (Int, PieceBuffer)? {
        locked {
            while taken == submitted, !stopping {
                idle += 1
                pthread_cond_wait(queuedCondition, mutex)
                idle -= 1
            }
            guard !stopping else { return nil }
            let place = taken % capacity
            taken += 1
            return (place, pieces[place])
        }
    }

    private func locked<R>(_ body: () -> R) -> R {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }
}
