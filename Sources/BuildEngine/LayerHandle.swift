import OCIContent
import OCISpec
import Synchronization

/// A layer of a tree under construction. Its blob may still be being written while the next step runs on its files.
package final class LayerHandle: Sendable {
    /// What is known of a layer once its blob is in the store, or may be fetched.
    package struct Facts: Sendable {
        /// The compressed blob.
        package let descriptor: Descriptor
        /// Digest of the uncompressed tar.
        package let diffID: Digest
        /// Where the blob is read if the store lacks it; nil for where the store remembers that it is.
        package let source: (any BlobSource)?
    }

    /// The facts, or nil for a step that changed nothing.
    let outcome: Task<Facts?, any Error>
    /// The snapshot that the step wrote, where it wrote one.
    let snapshot: Snapshots.ID?
    private let unpacked = Mutex<Snapshots.ID?>(nil)

    /// A layer of which all is known.
    init(_ facts: Facts?) {
        outcome = Task { facts }
        snapshot = nil
    }

    /// A layer that is being written.
    init(snapshot: Snapshots.ID?, outcome: Task<Facts?, any Error>) {
        self.outcome = outcome
        self.snapshot = snapshot
    }

    func facts() async throws -> Facts? { try await outcome.value }

    /// The snapshot that has the layer's files, as far as this build knows of one: what the step wrote, or what was
    /// unpacked for a step since.
    var knownSnapshot: Snapshots.ID? { snapshot ?? unpacked.withLock { $0 } }

    /// Notes which snapshot the layer was unpacked to.
    func note(unpackedTo id: Snapshots.ID) { unpacked.withLock { $0 = id } }
}
