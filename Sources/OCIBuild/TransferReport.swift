import BuildEngine
import OCIContent
import OCISpec

/// Turns what a copy tells of its blobs into events of a build.
struct TransferReport: Sendable {
    private let kind: TransferProgress.Kind
    private let report: @Sendable (BuildEvent) -> Void

    init(_ kind: TransferProgress.Kind, _ report: @escaping @Sendable (BuildEvent) -> Void) {
        self.kind = kind
        self.report = report
    }

    func event(_ event: TransferEvent) {
        switch event {
        case .planned, .skipped: break
        case .progress(let blob, let completed): send(blob, completed, done: false)
        case .finished(let blob): send(blob, blob.size, done: true)
        }
    }

    private func send(_ blob: Descriptor, _ completed: Int64, done: Bool) {
        report(
            .transfer(
                TransferProgress(
                    kind: kind, label: blob.digest.short, completed: completed, total: blob.size,
                    done: done)))
    }
}
