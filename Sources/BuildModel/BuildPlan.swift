import OCISpec

/// A whole build as a graph of steps: what every front end lowers to, and all that the engine knows.
///
/// `PlanBuilder` is the only maker, so the nodes are in topological order, equal work appears once, and every node is
/// needed by the target.
package struct BuildPlan: Sendable, Hashable {
    /// Every step, each after all of its inputs.
    package let nodes: [Node]
    /// The step whose tree is the image.
    package let target: StepID
    /// The image's configuration: the base's, edited; without DiffIDs and history, which the engine adds.
    package let config: ImageConfig
    /// What the definition adds to the history, after the base image's own.
    package let history: [HistoryItem]
    /// The step that the image grows from and whose layers and history it inherits; nil when it starts from scratch.
    package let base: StepID?
    /// What the definition's author should know although the build can go on.
    package let warnings: [PlanWarning]
    /// What messages call the definition ("Dockerfile"); nil when it is not a text.
    package let sourceName: String?

    /// The node that `id` names. An id of another plan is a programming error.
    package subscript(id: StepID) -> Node { nodes[id.index] }

    /// The chain of first inputs from the root of the tree down to `id`, `id` included.
    package func lineage(of id: StepID) -> [StepID] {
        var chain = [id]
        var current = id
        while let parent = self[current].inputs.first {
            chain.append(parent)
            current = parent
        }
        return chain.reversed()
    }
}

extension BuildPlan {
    /// One step, with what it needs and how to speak of it.
    package struct Node: Sendable, Hashable {
        /// Its name in this plan.
        package let id: StepID
        /// What to do.
        package let step: BuildStep
        /// `inputs[0]` is the parent tree (absent for base and scratch); a copy from another tree adds `inputs[1]`.
        package let inputs: [StepID]
        /// For progress and errors: "RUN apt-get update".
        package let title: String
        /// The name of the stage, or its number where it has none.
        package let stage: String
        /// Where the definition asks for it; nil when the definition is not a text.
        package let source: SourceRange?
        /// The place in the program that asked for it; nil when the definition is a text.
        package let origin: SourceOrigin?
    }

    /// One entry of the image's history.
    package enum HistoryItem: Sendable, Hashable {
        /// The entry of a step. The engine marks it empty when the step turned out to change nothing.
        case step(StepID, createdBy: String)
        /// An edit of the configuration, which never has a layer.
        case empty(createdBy: String)

        /// The text for `created_by`.
        package var createdBy: String {
            switch self {
            case .step(_, let text), .empty(let text): text
            }
        }
    }
}
