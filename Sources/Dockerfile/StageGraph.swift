import BuildModel
import OCISpec

/// Fourth pass, first half: which stage grows from what, which stages the target needs, and in which order.
struct StageGraph {
    let file: ParsedDockerfile
    let options: LoweringOptions
    /// What FROM sees: the platform variables and the ARG before the first FROM.
    private(set) var globals = VariableScope()
    /// For each stage what it grows from.
    private(set) var origins: [StageOrigin] = []
    /// For each stage its platform.
    private(set) var platforms: [Platform] = []
    private(set) var budget = ExpansionBudget()
    private(set) var warnings: [PlanWarning] = []

    var source: SourceText { file.source }

    init(_ file: ParsedDockerfile, options: LoweringOptions) throws(Diagnostic) {
        self.file = file
        self.options = options
        for variable in options.platformVariables {
            let name = Array(variable.name.utf8)
            globals[name] = options.buildArg(name) ?? Array(variable.value.utf8)
        }
        for instruction in file.globals {
            guard case .arg(let declarations) = instruction.command else { continue }
            for declaration in declarations {
                let name = try expand(declaration.name, instruction.node)
                if let value = options.buildArg(name) {
                    globals[name] = value
                } else if let value = declaration.value {
                    globals[name] = try expand(value, instruction.node)
                }
            }
        }
        for stage in file.stages { try resolve(stage) }
    }

    /// Expands a word with the variables that are set before the first FROM.
    mutating func expand(_ text: ByteText, _ node: InstructionNode) throws(Diagnostic) -> ByteText {
        let scope = globals
        do {
            return try WordExpander.word(text, escape: file.directives.escape, budget: &budget) { scope[$0] }
        } catch {
            throw source.diagnostic(error.code, error.message, at: node.range)
        }
    }

    private mutating func resolve(_ stage: Stage) throws(Diagnostic) {
        let name = try expand(stage.base, stage.node).string
        guard !name.isEmpty else {
            throw source.diagnostic(
                .badReference,
                "FROM \(stage.base.string) names nothing after expansion; give the ARG before the "
                    + "first FROM a default, or pass --build-arg", at: stage.node.range)
        }
        var platform = options.platform
        if let text = stage.platform {
            let expanded = try expand(text, stage.node).string
            do {
                platform = try Platform(parsing: expanded)
            } catch {
                throw source.diagnostic(
                    .badFlag, "--platform=\(expanded) is no platform: \(error.message)", at: stage.node.range)
            }
        }
        if name == "scratch" {
            origins.append(.scratch)
        } else if let earlier = index(ofStage: name, below: stage.index) {
            origins.append(.stage(earlier))
            if stage.platform == nil { platform = platforms[earlier] }
        } else {
            try checkReference(name, in: stage.node, "FROM", stages: file.stages[..<stage.index].compactMap(\.name))
            noteLikelyStage(name, at: stage)
            origins.append(.image(BaseRequest(reference: name, platform: platform)))
        }
        platforms.append(platform)
    }

    /// The last stage of that name before `limit`. Names differ by more than letter case.
    func index(ofStage name: String, below limit: Int) -> Int? {
        let wanted = Array(name.utf8).lowercased
        return file.stages[..<limit].lastIndex { stage in
            stage.name.map { Array($0.utf8) == wanted } ?? false
        }
    }

    func checkReference(
        _ name: String, in node: InstructionNode, _ what: String, stages: [String]
    ) throws(Diagnostic) {
        if LoweringOptions.isLayout(name) { return }
        do {
            _ = try Reference(parsing: name)
        } catch {
            let known = stages.isEmpty ? "" : "; stages so far: \(stages.joined(separator: ", "))"
            throw source.diagnostic(
                .badReference, "\(what) \"\(name)\" is neither a stage nor an image: \(error.message)\(known)",
                at: node.range, suggestion: NearMiss.of(name, among: stages))
        }
    }

    /// An image name that is nearly a stage's, or that of a later stage, is legal and rarely meant.
    private mutating func noteLikelyStage(_ name: String, at stage: Stage) {
        let earlier = file.stages[..<stage.index].compactMap(\.name)
        let message: String
        if let later = file.stages[(stage.index + 1)...].first(where: { $0.name == name }) {
            message =
                "FROM \(name) takes an image of that name: the stage \(name) begins later, on line "
                + "\(later.node.range.first)"
        } else if name.utf8.count >= 5, !name.utf8.contains(where: { "/:@.".utf8.contains($0) }),
            let near = NearMiss.of(name, among: earlier)
        {
            message = "FROM \(name) takes an image of that name; did you mean the stage \(near)?"
        } else {
            return
        }
        warnings.append(source.warning("stage-name", message, at: stage.node.range))
    }
}
