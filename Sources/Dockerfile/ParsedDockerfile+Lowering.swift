import BuildModel
import OCISpec

extension ParsedDockerfile {
    /// The images whose configuration `lower` needs for `target`, in the order of the file, each once. Stages that the
    /// target does not need ask for nothing.
    ///
    /// An ONBUILD instruction of a base image may bring in a further stage. Ask again with the configurations known so
    /// far until nothing is missing.
    package func bases(
        target: String? = nil, options: LoweringOptions, resolved: [BaseRequest: ImageConfig] = [:]
    ) throws(Diagnostic) -> [BaseRequest] {
        var graph = try StageGraph(self, options: options)
        let target = try graph.target(target)
        let order = try graph.order(target: target, triggers: try triggers(in: graph, bases: resolved))
        var requests: [BaseRequest] = []
        for index in order.sorted() {
            if case .image(let request) = graph.origins[index], !requests.contains(request) {
                requests.append(request)
            }
        }
        return requests
    }

    /// Makes the plan of `target` (a stage's name or number; nil is the last stage).
    ///
    /// - Parameter bases: the configuration of every image that `bases(target:options:)` names.
    package func lower(
        target: String? = nil, options: LoweringOptions, bases: [BaseRequest: ImageConfig]
    ) throws(Diagnostic) -> BuildPlan {
        var graph = try StageGraph(self, options: options)
        let target = try graph.target(target)
        let triggers = try triggers(in: graph, bases: bases)
        let order = try graph.order(target: target, triggers: triggers)
        var lowering = Lowering(graph: graph, bases: bases)
        for index in order { try lowering.lower(stages[index]) }
        return try lowering.plan(of: target)
    }

    /// What the images among `bases` bring to the stages that grow directly from them.
    private func triggers(
        in graph: StageGraph, bases: [BaseRequest: ImageConfig]
    ) throws(Diagnostic) -> [Int: [Instruction]] {
        var triggers: [Int: [Instruction]] = [:]
        for stage in stages {
            let inherited: [String]
            switch graph.origins[stage.index] {
            case .scratch: continue
            case .image(let request): inherited = bases[request]?.config.onBuild ?? []
            case .stage(let index):
                inherited = stages[index].instructions.compactMap { instruction in
                    guard case .onbuild(let trigger) = instruction.command else { return nil }
                    return trigger.string
                }
            }
            triggers[stage.index] = try OnBuildTriggers.parse(inherited, at: stage.node, of: self)
        }
        return triggers
    }
}
