import CLinux
import LinuxSystem

/// Threads that make regular files of a layer while another thread reads on.
///
/// Files of different batches are made in any order, so no two of those under way may have one name, and whoever needs
/// files to be there calls ``settle()`` first. Of several failures the one of the file with the lowest number is told,
/// and all files before that one have been tried: the outcome does not depend on which thread was faster.
// @unchecked Sendable: everything that changes is read and written under the monitor's lock; a batch is in the hands of
// one thread at a time.
final class FileCrew: @unchecked Sendable {
    private let monitor = Monitor()
    private let maker: FileMaker
    /// How many threads there are at most.
    let threadLimit: Int
    /// Batches that have files in them, the oldest first.
    private var queue: [FileBatch] = []
    /// Batches to be filled.
    private var spare: [FileBatch] = []
    private var batches = 0
    private var threads = 0
    private var idle = 0
    /// True while the filling thread waits for a batch, or for all of them.
    private var isAwaited = false
    private var isStopping = false
    private var failure: (number: Int, error: any Error)?

    init(_ maker: FileMaker, threads: Int) {
        self.maker = maker
        threadLimit = threads
    }

    /// A batch to fill; waits while all are under way.
    func emptyBatch() -> FileBatch {
        monitor.locked {
            while true {
                if let batch = spare.popLast() { return batch }
                // One to fill while every thread has its own, and one more waits.
                if batches < threadLimit + 2 {
                    batches += 1
                    return FileBatch()
                }
                awaitBatch()
            }
        }
    }

    /// Hands a batch over. Throws what ``settle()`` throws where files have failed.
    func submit(_ batch: FileBatch) throws {
        let (hasFailed, needsThread) = monitor.locked {
            queue.append(batch)
            let needsThread = threads < threadLimit && queue.count > idle
            if needsThread { threads += 1 }
            if idle > 0 { monitor.wake() }
            return (failure != nil, needsThread)
        }
        if needsThread, !Thread.start({ self.work() }) {
            let isAlone = monitor.locked {
                threads -= 1
                return threads == 0
            }
            if isAlone { makeQueued(maker) }
        }
        if hasFailed { try settle() }
    }

    /// Takes back a batch that nothing was put into.
    func giveBack(_ batch: FileBatch) {
        monitor.locked { spare.append(batch) }
    }

    /// Returns when all files handed over are made; no batch may be out to be filled. Throws the first failure, in the order of the files.
    func settle() throws {
        try monitor.locked {
            while spare.count < batches { awaitBatch() }
            if let failure { throw failure.error }
        }
    }

    /// Ends the threads; returns when they are gone. Files that nobody has begun are left out.
    func stop() {
        monitor.locked {
            isStopping = true
            monitor.wake()
            while threads > 0 { monitor.wait() }
        }
    }

    private func awaitBatch() {
        isAwaited = true
        monitor.wait()
        isAwaited = false
    }

    private func work() {
        var maker = maker
        // A thread of our own may have a file mode mask of its own, which the process does not notice.
        maker.isUnmasked = clinux_unmask_thread() == 0
        while waitForWork() { makeQueued(maker) }
        monitor.locked {
            threads -= 1
            monitor.wake()
        }
    }

    /// False when there will be no more.
    private func waitForWork() -> Bool {
        monitor.locked {
            idle += 1
            while queue.isEmpty, !isStopping { monitor.wait() }
            idle -= 1
            return !isStopping
        }
    }

    private func makeQueued(_ maker: FileMaker) {
        while let (batch, limit) = take() {
            let failed = make(batch, maker, below: limit)
            monitor.locked {
                if let failed, failed.number < failure?.number ?? .max { failure = failed }
                spare.append(batch)
                if isAwaited { monitor.wake() }
            }
        }
    }

    /// The oldest batch, and the number from which on files need not be made any more.
    private func take() -> (FileBatch, Int)? {
        monitor.locked { queue.isEmpty || isStopping ? nil : (queue.removeFirst(), failure?.number ?? .max) }
    }

    /// Makes a batch's files up to the first that fails, and empties it.
    private func make(_ batch: FileBatch, _ maker: FileMaker, below limit: Int) -> (number: Int, error: any Error)? {
        defer { batch.empty() }
        for file in batch.files where file.number < limit {
            do {
                try batch.withMemory(of: file) { try maker.make(file.entry, $0, in: file.directory, content: $1) }
            } catch {
                return (file.number, error)
            }
        }
        return nil
    }
}
