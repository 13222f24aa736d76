/// The trees that a step works on.
struct StepInputs: Sendable {
    /// What the step changes.
    let parent: LayeredTree
    /// What a COPY --from, or mounts of a RUN, take their files out of, in the order of the node's inputs.
    var sources: [LayeredTree] = []
    /// The files of the context that the step's key was made of, as they were then.
    var selections: [Solver.Boxed<CopySelection>] = []

    /// The stacks of layers of `sources` in words; nil where there are none.
    func sourceChains() async throws -> String? {
        var chains: [String] = []
        for source in sources { chains.append(try await source.chain().description) }
        return chains.isEmpty ? nil : chains.joined(separator: " ")
    }

    /// False where a file of the context changed between the making of the key and the writing of the layer: then no other
    /// build may have the layer by that key. Stats every file.
    var areUnchanged: Bool { selections.allSatisfy(\.value.isUnchanged) }
}
