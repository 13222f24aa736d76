import BuildModel
import OCISpec

/// Fourth pass: expands variables and turns stages into steps and configurations.
struct Lowering {
    var graph: StageGraph
    let bases: [BaseRequest: ImageConfig]
    var builder = PlanBuilder()
    var warnings: [PlanWarning]
    private var budget: ExpansionBudget
    private var results: [Int: StageState] = [:]
    /// Names that an ARG of a lowered stage declared, an ONBUILD's included.
    var declaredNames: Set<ByteText> = []
    /// Variables set before the first FROM: a stage that uses one without declaring it has probably forgotten to.
    private let globalNames: Set<ByteText>
    private let ambientEnvironment: [String]

    init(graph: StageGraph, bases: [BaseRequest: ImageConfig]) {
        self.graph = graph
        self.bases = bases
        budget = graph.budget
        warnings = graph.file.parseWarnings + graph.warnings
        globalNames = Set(
            graph.file.globals.flatMap { instruction -> [ByteText] in
                guard case .arg(let declarations) = instruction.command else { return [] }
                return declarations.map(\.name)
            })
        var proxies = graph.options.proxies.filter { LoweringOptions.proxyNames.contains($0.key) }
        for name in LoweringOptions.proxyNames {
            if let value = graph.options.buildArgs[name] ?? nil { proxies[name] = value }
        }
        ambientEnvironment = proxies.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    }

    var source: SourceText { graph.source }

    func error(
        _ code: Diagnostic.Code, _ message: String, _ instruction: Instruction, suggestion: String? = nil
    ) -> Diagnostic {
        source.diagnostic(code, message, at: instruction.range, suggestion: suggestion)
    }

    mutating func warn(_ code: String, _ message: String, _ range: SourceRange?) {
        let warning = source.warning(code, message, at: range)
        if !warnings.contains(warning) { warnings.append(warning) }
    }

    /// Proxies for a RUN step, without those that an ARG or ENV made ordinary variables.
    func ambient(for state: StageState) -> [String] {
        ambientEnvironment.filter { state[ByteText($0.utf8.prefix { $0 != .equals })] == nil }
    }

    // MARK: Stages

    /// Lowers a stage; those that it needs have been lowered before.
    mutating func lower(_ stage: Stage) throws(Diagnostic) {
        var state = try begin(stage)
        let triggers = try OnBuildTriggers.parse(state.config.config.onBuild, at: stage.node, of: graph.file)
        state.config.config.onBuild = []
        for instruction in triggers + stage.instructions { try lower(instruction, &state) }
        results[stage.index] = state
    }

    private mutating func begin(_ stage: Stage) throws(Diagnostic) -> StageState {
        let platform = graph.platforms[stage.index]
        switch graph.origins[stage.index] {
        case .stage(let index):
            guard let base = results[index] else {
                throw source.diagnostic(
                    .unknownStage, "the stage \(graph.file.stages[index].label) has not been built before",
                    at: stage.node.range)
            }
            var state = StageState(stage: stage, platform: platform, step: base.step, config: base.finished)
            state.history = base.history
            return state
        case .scratch:
            var config = ImageConfig(platform: platform)
            config.config.workingDirectory = "/"
            let step = try add(.scratch, [], title: "FROM scratch", stage, stage.node.range)
            return StageState(stage: stage, platform: platform, step: step, config: config)
        case .image(let request):
            guard var config = bases[request] else {
                throw source.diagnostic(
                    .missingBase, "the configuration of \(request.reference) for \(request.platform) is not known",
                    at: stage.node.range)
            }
            config.created = nil
            config.history = []
            config.rootfs = RootFS()
            let step = try image(request, stage, stage.node.range)
            return StageState(stage: stage, platform: platform, step: step, config: config)
        }
    }

    /// The step that stands for an image.
    private mutating func image(
        _ request: BaseRequest, _ stage: Stage, _ range: SourceRange
    ) throws(Diagnostic) -> StepID {
        let step = BaseStep(reference: request.reference, platform: request.platform)
        return try add(.base(step), [], title: "FROM \(request.reference)", stage, range)
    }

    /// The step whose tree `--from` names.
    mutating func tree(of from: ByteText, _ instruction: Instruction, _ stage: Stage) throws(Diagnostic) -> StepID {
        switch try graph.origin(of: from, in: instruction.node, stage: stage) {
        case .scratch: return try add(.scratch, [], title: "FROM scratch", stage, instruction.range)
        case .image(let request): return try image(request, stage, instruction.range)
        case .stage(let index):
            guard let result = results[index] else {
                throw error(
                    .unknownStage, "the stage \(graph.file.stages[index].label) has not been built before", instruction)
            }
            return result.step
        }
    }

    /// Adds a step to the plan. Its inputs come from this builder, so it can only fail by a mistake of ours.
    mutating func add(
        _ step: BuildStep, _ inputs: [StepID], title: String, _ stage: Stage, _ range: SourceRange
    ) throws(Diagnostic) -> StepID {
        do {
            return try builder.add(
                step, inputs: inputs, title: title, stage: stage.label, source: range, origin: source.origin(of: range))
        } catch {
            throw source.diagnostic(.badArguments, error.description, at: range)
        }
    }

    /// The plan, once all stages that the target needs are lowered.
    mutating func plan(of target: Int) throws(Diagnostic) -> BuildPlan {
        guard let state = results[target] else {
            throw source.diagnostic(
                .unknownTarget, "the stage \(graph.file.stages[target].label) was not built", at: nil)
        }
        noteUnusedBuildArgs()
        var config = state.finished
        config.config.labels.merge(graph.options.labels) { $1 }
        do {
            return try builder.build(
                target: state.step, config: config, history: state.history, warnings: warnings,
                sourceName: source.name)
        } catch {
            throw source.diagnostic(.badArguments, error.description, at: nil)
        }
    }

    // MARK: Expansion

    /// Expands one word of an instruction.
    mutating func word(
        _ text: ByteText, _ instruction: Instruction, _ state: StageState
    ) throws(Diagnostic) -> ByteText {
        let escape = graph.file.directives.escape
        return try expanding(text, instruction, state) { (budget, lookup) throws(ExpansionError) in
            try WordExpander.word(text, escape: escape, budget: &budget, lookup: lookup)
        }
    }

    /// Expands the variables of a here-document, in which quotes mean nothing and the escape character is always "\".
    mutating func document(
        _ text: ByteText, _ instruction: Instruction, _ state: StageState
    ) throws(Diagnostic) -> ByteText {
        try expanding(text, instruction, state) { (budget, lookup) throws(ExpansionError) in
            try WordExpander.document(text, budget: &budget, lookup: lookup)
        }
    }

    /// Expands a word that may become several.
    mutating func words(
        _ text: ByteText, _ instruction: Instruction, _ state: StageState
    ) throws(Diagnostic) -> [ByteText] {
        let escape = graph.file.directives.escape
        return try expanding(text, instruction, state) { (budget, lookup) throws(ExpansionError) in
            try WordExpander.words(text, escape: escape, budget: &budget, lookup: lookup)
        }
    }

    private mutating func expanding<Result>(
        _ text: ByteText, _ instruction: Instruction, _ state: StageState,
        _ body: (inout ExpansionBudget, @escaping (ByteText) -> ByteText?) throws(ExpansionError) -> Result
    ) throws(Diagnostic) -> Result {
        let missed = MissedNames(globalNames)
        do {
            let result = try body(&budget) { name in
                let value = state[name]
                if value == nil { missed.note(name) }
                return value
            }
            for name in missed.names { warnAboutGlobal(name, instruction) }
            return result
        } catch {
            throw self.error(error.code, error.message, instruction)
        }
    }

    /// Says that a variable set before the first FROM is not visible in a stage.
    func isUndeclaredGlobal(_ name: ByteText, _ state: StageState) -> Bool {
        globalNames.contains(name) && state[name] == nil
    }

    var undeclarableGlobals: Set<ByteText> { globalNames }

    mutating func warnAboutGlobal(_ name: ByteText, _ instruction: Instruction) {
        warn(
            "global-arg-undeclared",
            "\(name.string) was declared before the first FROM and is not set in this stage; add \"ARG "
                + "\(name.string)\" to the stage", instruction.range)
    }
}

/// Notes which variables a word asked for in vain.
private final class MissedNames {
    private let wanted: Set<ByteText>
    private(set) var names: [ByteText] = []

    init(_ wanted: Set<ByteText>) {
        self.wanted = wanted
    }

    func note(_ name: ByteText) {
        if wanted.contains(name), !names.contains(name) { names.append(name) }
    }
}
