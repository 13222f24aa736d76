import OCISpec

/// Collects steps and makes a plan of them.
///
/// Inputs must have been added before the step that names them, so a cycle cannot be expressed. A step that equals an
/// earlier one (same operation, same inputs) yields the earlier one's id: equal work merges. `build` leaves out what
/// the target does not reach.
package struct PlanBuilder: Sendable {
    private struct Identity: Hashable {
        let definition: [UInt8]
        let inputs: [StepID]
    }

    private var nodes: [BuildPlan.Node] = []
    private var known: [Identity: StepID] = [:]

    /// Makes an empty builder.
    package init() {}

    /// The number of different steps so far.
    package var count: Int { nodes.count }

    /// Adds a step, or finds the equal one that is there already.
    ///
    /// - Returns: the step's id, valid for this builder only; `build` numbers the nodes anew.
    package mutating func add(
        _ step: BuildStep, inputs: [StepID] = [], title: String, stage: String, source: SourceRange? = nil,
        origin: SourceOrigin? = nil
    ) throws(PlanError) -> StepID {
        try check(step, inputs: inputs, title: title)
        let identity = Identity(definition: step.definition, inputs: inputs)
        if let id = known[identity] { return id }
        let id = StepID(index: nodes.count)
        nodes.append(
            .init(id: id, step: step, inputs: inputs, title: title, stage: stage, source: source, origin: origin))
        known[identity] = id
        return id
    }

    /// Makes the plan whose image is the tree of `target`.
    ///
    /// The base is found by following first inputs from `target`. History items of steps must belong to steps that
    /// `target` reaches.
    package func build(
        target: StepID, config: ImageConfig, history: [BuildPlan.HistoryItem] = [], warnings: [PlanWarning] = [],
        sourceName: String? = nil
    ) throws(PlanError) -> BuildPlan {
        guard nodes.indices.contains(target.index) else {
            throw PlanError(code: .unknownInput, subject: "target \(target)", message: "no such step was added")
        }
        var needed = [Bool](repeating: false, count: nodes.count)
        needed[target.index] = true
        // Inputs always precede their user, so one pass from the end marks everything reachable.
        for node in nodes[...target.index].reversed() where needed[node.id.index] {
            for input in node.inputs { needed[input.index] = true }
        }
        var renumbered: [StepID: StepID] = [:]
        var kept: [BuildPlan.Node] = []
        for node in nodes where needed[node.id.index] {
            let id = StepID(index: kept.count)
            renumbered[node.id] = id
            kept.append(
                .init(
                    id: id, step: node.step, inputs: node.inputs.compactMap { renumbered[$0] }, title: node.title,
                    stage: node.stage, source: node.source, origin: node.origin))
        }
        var items: [BuildPlan.HistoryItem] = []
        for item in history {
            guard case .step(let id, let createdBy) = item else {
                items.append(item)
                continue
            }
            guard let new = renumbered[id] else {
                throw PlanError(
                    code: .unknownInput, subject: createdBy, message: "the history names a step outside of the plan")
            }
            items.append(.step(new, createdBy: createdBy))
        }
        return BuildPlan(
            nodes: kept, target: renumbered[target] ?? target, config: config, history: items,
            base: root(of: target).flatMap { renumbered[$0] }, warnings: warnings, sourceName: sourceName)
    }

    /// The base step that `id` grows from; nil when it grows from scratch.
    private func root(of id: StepID) -> StepID? {
        var current = id
        while let parent = nodes[current.index].inputs.first { current = parent }
        if case .base = nodes[current.index].step { return current }
        return nil
    }

    private func check(_ step: BuildStep, inputs: [StepID], title: String) throws(PlanError) {
        for input in inputs where !nodes.indices.contains(input.index) {
            throw PlanError(
                code: .unknownInput, subject: title, message: "its input \(input) has not been added before it")
        }
        let expected =
            switch step {
            case .base, .scratch: 0
            case .workdir: 1
            case .run(let run): 1 + (run.mounts.compactMap(\.inputIndex).max() ?? 0)
            case .copy(let copy): copy.from == .context ? 1 : 2
            }
        guard inputs.count == expected else {
            throw PlanError(
                code: .wrongInputCount, subject: title, message: "it has \(inputs.count) inputs, expected \(expected)")
        }
        if let problem = problem(with: step) {
            throw PlanError(code: .invalidStep, subject: title, message: problem)
        }
    }

    private func problem(with step: BuildStep) -> String? {
        switch step {
        case .base(let base) where base.reference.isEmpty: "its image reference is empty"
        case .run(let run) where run.argv.isEmpty: "its command is empty"
        case .run(let run) where !run.workingDirectory.hasPrefix("/"): "its working directory is not absolute"
        case .copy(let copy) where copy.sources.isEmpty && copy.inlineFiles.isEmpty: "it names no source"
        case .copy(let copy) where !copy.destination.hasPrefix("/"): "its destination is not absolute"
        case .copy(let copy) where copy.from != .context && copy.from != .step(inputIndex: 1):
            "the tree that it copies from must be its second input"
        case .run(let run) where run.scripts.contains { $0.problem != nil }:
            run.scripts.lazy.compactMap(\.problem).first
        case .run(let run) where run.mounts.contains { $0.problem != nil || $0.inputIndex.map { $0 < 1 } ?? false }:
            run.mounts.lazy.compactMap(\.problem).first ?? "a mount takes its files from the step's own tree"
        case .copy(let copy) where copy.inlineFiles.contains { $0.problem != nil }:
            copy.inlineFiles.lazy.compactMap(\.problem).first
        case .workdir(let workdir) where !workdir.path.hasPrefix("/"): "its path is not absolute"
        default: nil
        }
    }
}
