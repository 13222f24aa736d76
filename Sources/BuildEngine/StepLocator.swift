import BuildModel

/// Knows where a step stands in its definition, to say so when it fails.
struct StepLocator: Sendable {
    private let places: [Int: (summary: StepSummary, lines: ClosedRange<Int>?)]

    init(_ plan: BuildPlan, _ summaries: [StepID: StepSummary]) {
        var places: [Int: (summary: StepSummary, lines: ClosedRange<Int>?)] = [:]
        for (id, summary) in summaries { places[summary.id] = (summary, plan[id].source.map { $0.first...$0.last }) }
        self.places = places
    }

    /// The error, with the step that met it around it; what says where it comes from already, and an end by request,
    /// stay as they are.
    func located(_ error: any Error, step: Int) -> any Error {
        if error is StepError || error is CancellationError { return error }
        guard let place = places[step] else { return error }
        return StepError(step: place.summary, lines: place.lines, cause: error)
    }
}
