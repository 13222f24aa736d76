import Codecs
import LinuxSystem
import OCISpec
import Synchronization

/// BLAKE3 of files' content, remembered between builds by device, inode, size and both times, so that an unchanged
/// context is not read again. A file that changed within the last second before it was read is not remembered: a
/// second change could leave the same times.
package final class ContentDigests: Sendable {
    private struct State {
        var table: DigestTable
        /// Which records of the table this build met again.
        var isUsed: [Bool]
        var usedCount = 0
        /// Records whose file is not what it was any more.
        var stale: Set<Int> = []
        var added: [FileIdentity: DigestTable.Record] = [:]
    }

    /// Records that no build met for a while, of which a table may have as many as of others.
    private static let spare = 1024

    private let file: Path
    private let state: Mutex<State>

    /// Opens the memory for a context folder; a damaged or missing one is empty.
    package init(storeRoot: Path, context: Path) throws {
        file = storeRoot / "digests" / Path(Digest.sha256(of: context.bytes).hex)
        let table = DigestTable((try? FileSystem.readFile(file, limit: 1 << 30)) ?? [])
        state = Mutex(State(table: table, isUsed: [Bool](repeating: false, count: table.count)))
    }

    /// What an earlier build learned of that very file; nil where it must be read.
    func known(_ identity: FileIdentity) -> DigestTable.Record? {
        state.withLock { state in
            let (match, former) = state.table.find(identity)
            if let match {
                if !state.isUsed[match] {
                    state.isUsed[match] = true
                    state.usedCount += 1
                }
                return state.table[match]
            }
            if let former { state.stale.insert(former) }
            return state.added[identity]
        }
    }

    /// Keeps what was read of a file, unless a later change could leave the same times as the last one.
    func remember(_ record: DigestTable.Record, readAt time: FileTime) {
        guard record.identity.changed.seconds < time.seconds - 1 else { return }
        state.withLock { $0.added[record.identity] = record }
    }

    /// Writes back what this build learned, and what it met again. What other builds met stays, within bounds: a context
    /// may serve several definitions.
    package func save() {
        let bytes = state.withLock { state -> [UInt8]? in
            let others = state.table.count - state.usedCount - state.stale.count
            let forgets = others > state.usedCount + state.added.count + Self.spare
            guard !state.added.isEmpty || forgets else { return nil }
            var records: [DigestTable.Record] = []
            records.reserveCapacity(state.table.count + state.added.count)
            for number in 0..<state.table.count
            where state.isUsed[number] || !forgets && !state.stale.contains(number) {
                records.append(state.table[number])
            }
            records += state.added.values
            return DigestTable.encode(records, count: records.count)
        }
        guard let bytes else { return }
        // Only a memory: where it cannot be written the next build reads the files again.
        if let folder = file.parent { try? FileSystem.makeDirectories(folder) }
        try? FileSystem.writeAtomically(bytes, to: file, durable: false)
    }
}
