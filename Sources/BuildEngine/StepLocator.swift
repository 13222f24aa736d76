import BuildModel

/// Knows where a step stands in its definition, to say so when it fails.
struct StepLocator: Sendable {
    private struct Place {
        let summary: StepSummary
        let lines: ClosedRange<Int>?
        let origin: String?
    }

    private let places: [Int: Place]

    init(_ plan: BuildPlan, _ summaries: [StepID: StepSummary]) {
        var places: [Int: Place] = [:]
        for (id, summary) in summaries {
            let node = plan[id]
            places[summary.id] = Place(
                summary: summary, lines: node.source.map { $0.first...$0.last }, origin: node.origin?.description)
        }
        self.places = places
    }

    /// The error, with the step that met it around it; what says where it comes from already, and an end by request,
    /// stay as they are.
    func located(_ error: any Error, step: Int) -> any Error {
        if error is StepError || error is CancellationError { return error }
        guard let place = places[step] else { return error }
        return StepError(step: place.summary, lines: place.lines, origin: place.origin, cause: error)
    }
}
