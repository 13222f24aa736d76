import Synchronization

/// Keeps the last lines of each running step, whatever way progress is shown, for the report of a failure.
final class FailureRecorder: Sendable {
    /// A step that failed.
    struct Failure: Sendable {
        let step: StepSummary
        let message: String
        let output: [[UInt8]]
    }

    private struct State {
        var steps: [Int: StepSummary] = [:]
        var outputs: [Int: StepOutput] = [:]
        var failures: [Failure] = []
    }

    private let state = Mutex(State())

    /// The first step that failed.
    var first: Failure? { state.withLock { $0.failures.first } }

    /// Takes note of an event.
    func handle(_ event: BuildEvent) {
        state.withLock { state in
            switch event {
            case .planned(let summaries):
                for summary in summaries { state.steps[summary.id] = summary }
            case .stepOutput(let id, let isError, let bytes):
                _ = state.outputs[id, default: StepOutput()].feed(bytes, isError: isError)
            case .stepFinished(let id, _):
                state.outputs[id] = nil
            case .stepFailed(let id, let message):
                guard let step = state.steps[id] else { return }
                var output = state.outputs.removeValue(forKey: id)
                _ = output?.finish()
                state.failures.append(Failure(step: step, message: message, output: output?.recent ?? []))
            default: break
            }
        }
    }
}
