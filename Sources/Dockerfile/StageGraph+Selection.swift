import BuildModel
import OCISpec

extension StageGraph {
    /// The stage to build: by name or number, or the last.
    func target(_ wanted: String?) throws(Diagnostic) -> Int {
        guard let wanted, !wanted.isEmpty else { return file.stages.count - 1 }
        if let index = index(ofStage: wanted, below: file.stages.count) { return index }
        if let index = Int(wanted), file.stages.indices.contains(index) { return index }
        throw source.diagnostic(
            .unknownTarget,
            "there is no stage \"\(wanted)\" to build; the stages are "
                + file.stageLabels.joined(separator: ", "), at: nil,
            suggestion: NearMiss.of(wanted, among: file.stages.compactMap(\.name)))
    }

    /// Where `COPY --from`, or `from=` of a mount, looks.
    mutating func origin(of from: ByteText, in node: InstructionNode, stage: Stage) throws(Diagnostic) -> StageOrigin {
        let name = try expand(from, node).string
        let labels = file.stageLabels.joined(separator: ", ")
        guard !name.isEmpty else {
            throw source.diagnostic(
                .unknownStage,
                "--from=\(from.string) names nothing after expansion; only ARG before the first FROM "
                    + "counts here", at: node.range)
        }
        let found: Int?
        if let number = Int(name) {
            guard file.stages.indices.contains(number) else {
                throw source.diagnostic(
                    .unknownStage, "--from=\(name): there is no stage of that number; the stages are \(labels)",
                    at: node.range)
            }
            found = number
        } else {
            found = index(ofStage: name, below: stage.index) ?? index(ofStage: name, below: file.stages.count)
        }
        if let found {
            guard found != stage.index else {
                throw source.diagnostic(
                    .unknownStage,
                    "--from=\(name) is the stage itself; leave --from out to copy from the context, or "
                        + "use RUN cp", at: node.range)
            }
            return .stage(found)
        }
        if name == "scratch" { return .scratch }
        do {
            if !LoweringOptions.isLayout(name) { _ = try Reference(parsing: name) }
        } catch {
            throw source.diagnostic(
                .unknownStage, "--from=\(name) is neither a stage nor an image; the stages are \(labels)",
                at: node.range, suggestion: NearMiss.of(name, among: file.stages.compactMap(\.name)))
        }
        return .image(BaseRequest(reference: name, platform: platforms[stage.index]))
    }

    /// The stages that `target` needs, each after those that it needs itself.
    ///
    /// - Parameter triggers: the ONBUILD instructions that a stage inherits, by its position.
    mutating func order(
        target: Int, triggers: [Int: [Instruction]] = [:]
    ) throws(Diagnostic) -> [Int] {
        enum Mark { case open, done }
        var marks: [Int: Mark] = [:]
        var order: [Int] = []
        var pending = [(stage: target, isLeaving: false)]
        // With a list of its own instead of recursion: a file may chain thousands of stages.
        while let (index, isLeaving) = pending.popLast() {
            if isLeaving {
                marks[index] = .done
                order.append(index)
                continue
            }
            if marks[index] != nil { continue }
            marks[index] = .open
            pending.append((index, true))
            for (needed, node) in try needs(of: index, triggers: triggers[index] ?? []) {
                if marks[needed] == .open {
                    throw source.diagnostic(
                        .unknownStage,
                        "the stages \(file.stages[index].label) and \(file.stages[needed].label) need "
                            + "one another", at: node.range)
                }
                if marks[needed] == nil { pending.append((needed, false)) }
            }
        }
        return order
    }

    private mutating func needs(
        of index: Int, triggers: [Instruction]
    ) throws(Diagnostic) -> [(stage: Int, node: InstructionNode)] {
        let stage = file.stages[index]
        var needs: [(stage: Int, node: InstructionNode)] = []
        if case .stage(let base) = origins[index] { needs.append((base, stage.node)) }
        for instruction in triggers + stage.instructions {
            for from in instruction.command.namedTrees {
                if case .stage(let other) = try origin(of: from, in: instruction.node, stage: stage) {
                    needs.append((other, instruction.node))
                }
            }
        }
        return needs
    }
}
