import BuildEngine
import OCIContent
import OCIRegistry
import OCISpec
import Synchronization

/// Tells what becomes of each blob of a push, and of all of them in the end.
final class PushTally: Sendable {
    private struct Counts {
        var sent = 0
        var mounted = 0
        var present = 0
        var sources: Set<String> = []
        var isWholeImagePresent = false
    }

    private let counts = Mutex(Counts())
    private let repository: Repository
    private let report: @Sendable (BuildEvent) -> Void

    init(into repository: Repository, _ report: @escaping @Sendable (BuildEvent) -> Void) {
        self.repository = repository
        self.report = report
    }

    /// Takes note of what a copy tells.
    func event(_ event: TransferEvent) {
        switch event {
        case .planned: break
        case .progress(let blob, let completed): send(blob, completed, nil)
        case .skipped(let blob): skipped(blob)
        case .finished(let blob): finished(blob)
        }
    }

    private func skipped(_ blob: Descriptor) {
        guard !blob.mediaType.isManifest, !blob.mediaType.isIndex else {
            return counts.withLock { $0.isWholeImagePresent = true }
        }
        // A layer that its manifest leaves to others was not looked for.
        guard !blob.mediaType.isForeignLayer, blob.urls?.isEmpty != false else { return }
        counts.withLock { $0.present += 1 }
        send(blob, blob.size, .present)
    }

    private func finished(_ blob: Descriptor) {
        guard let source = repository.mountSource(of: blob.digest) else {
            if !blob.mediaType.isManifest, !blob.mediaType.isIndex { counts.withLock { $0.sent += 1 } }
            return send(blob, blob.size, .moved)
        }
        counts.withLock { counts in
            counts.mounted += 1
            counts.sources.insert(source)
        }
        send(blob, blob.size, .mounted(from: source))
    }

    private func send(_ blob: Descriptor, _ completed: Int64, _ end: TransferProgress.End?) {
        report(
            .transfer(
                TransferProgress(
                    kind: .push, label: blob.digest.short, completed: completed, total: blob.size, end: end)))
    }

    /// Says in one line how the image came to be there.
    func finish(_ name: Reference) {
        let counts = counts.withLock { $0 }
        var parts: [String] = []
        if counts.sent > 0 { parts.append("\(counts.sent) sent") }
        if counts.mounted > 0 {
            parts.append("\(counts.mounted) mounted from \(counts.sources.sorted().joined(separator: ", "))")
        }
        if counts.present > 0 { parts.append("\(counts.present) there already") }
        if parts.isEmpty { parts = [counts.isWholeImagePresent ? "all of it was there" : "nothing but its manifest"] }
        report(.note("pushed \(name.familiar): \(parts.joined(separator: ", "))"))
    }
}
