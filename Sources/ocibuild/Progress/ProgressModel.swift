import BuildEngine

/// Where a build stands: what the live view draws.
struct ProgressModel: Sendable {
    /// Where one step stands.
    enum StepState: Equatable, Sendable {
        case waiting
        case running(since: Double)
        /// In the store's cache, or in a shared one at this place.
        case cached(from: String?)
        case done(seconds: Double)
        case failed(message: String)
    }

    /// One step.
    struct Step: Sendable {
        let summary: StepSummary
        var state = StepState.waiting
        var output = StepOutput()
    }

    /// Something that is over and will not change: it is shown once and scrolls away.
    enum Settled: Sendable {
        case step(Int)
        case transfer(TransferProgress)
        case note(String)
        case warning(String)
    }

    private(set) var steps: [Int: Step] = [:]
    private(set) var order: [Int] = []
    private(set) var transfers: [TransferProgress] = []
    /// What was settled since the last call of ``takeSettled()``.
    private var settled: [Settled] = []

    /// Takes note of an event that happened at `now`.
    mutating func apply(_ event: BuildEvent, at now: Double) {
        switch event {
        case .planned(let summaries):
            for summary in summaries where steps[summary.id] == nil {
                steps[summary.id] = Step(summary: summary)
                order.append(summary.id)
            }
        case .stepStarted(let id):
            steps[id]?.state = .running(since: now)
        case .stepCached(let id):
            settle(id, as: .cached(from: nil))
        case .stepCachedFrom(let id, let place):
            settle(id, as: .cached(from: place))
        case .stepOutput(let id, let isError, let bytes):
            _ = steps[id]?.output.feed(bytes, isError: isError)
        case .stepFinished(let id, let seconds):
            settle(id, as: .done(seconds: seconds))
        case .stepFailed(let id, let message):
            settle(id, as: .failed(message: message))
        case .transfer(let progress):
            update(progress)
        case .layerWritten, .stepUsed:
            break
        case .isolation(let rung, let reason):
            // The strongest rung is what everybody expects.
            if rung != "root" { settled.append(.note("RUN uses the \"\(rung)\" sandbox (\(reason))")) }
        case .note(let message):
            settled.append(.note(message))
        case .warning(let message):
            settled.append(.warning(message))
        case .finished:
            transfers = []
        }
    }

    /// Hands over what is over, in the order in which it ended.
    mutating func takeSettled() -> [Settled] {
        defer { settled = [] }
        return settled
    }

    /// The steps at work, in the order of the plan.
    var running: [Step] {
        order.compactMap { id in
            guard let step = steps[id], case .running = step.state else { return nil }
            return step
        }
    }

    /// How many steps are over.
    var settledCount: Int {
        steps.values.count { step in
            switch step.state {
            case .waiting, .running: false
            case .cached, .done, .failed: true
            }
        }
    }

    private mutating func settle(_ id: Int, as state: StepState) {
        guard steps[id] != nil else { return }
        steps[id]?.state = state
        steps[id]?.output = StepOutput()
        settled.append(.step(id))
    }

    private mutating func update(_ progress: TransferProgress) {
        let index = transfers.firstIndex { $0.kind == progress.kind && $0.label == progress.label }
        if progress.done {
            if let index { transfers.remove(at: index) }
            // Where there are steps, they tell the story; a pull or a push has nothing but its transfers.
            if steps.isEmpty { settled.append(.transfer(progress)) }
        } else if let index {
            transfers[index] = progress
        } else {
            transfers.append(progress)
        }
    }
}
