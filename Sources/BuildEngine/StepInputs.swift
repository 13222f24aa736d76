/// The trees that a step works on.
struct StepInputs: Sendable {
    /// What the step changes.
    let parent: LayeredTree
    /// What a COPY --from takes its files out of.
    var source: LayeredTree?
}
