import BuildModel
import Dockerfile
import OCISpec

extension ImagePlan {
    /// The plan of a Dockerfile: every instruction as the step that it is, variables still to be expanded. Built, it
    /// gives the same image.
    /// - Parameters:
    ///   - dockerfile: its text.
    ///   - name: what messages, and the steps' sources, call it.
    /// - Throws: a diagnostic of the Dockerfile, or ``PlanDocumentError`` for what no plan can say.
    public init(dockerfile: [UInt8], name: String = "Dockerfile") throws {
        try self.init(ParsedDockerfile(parsing: DockerfileSource(name: name, bytes: dockerfile)))
    }

    init(_ file: ParsedDockerfile) throws(PlanDocumentError) {
        self.init()
        documentName = file.name
        arguments = file.composedArguments.map { NamedArgument($0) }
        let composed = file.composedStages
        let names = StageNames(composed)
        for (index, stage) in composed.enumerated() {
            var result = Stage(base: .scratch)
            result.name = names.unique[index]
            result.platform = stage.platform.map { StepText($0) }
            if stage.base != .literal("scratch") {
                let earlier = names.index(of: stage.base.text, before: index)
                result.base = earlier.map { .stage(names.name(of: $0)) } ?? .image(StepText(stage.base))
            }
            for (instruction, line) in stage.instructions {
                let origin = SourceOrigin(file: file.name, line: line)
                let reader = InstructionReader(names: names, stage: index, origin: origin)
                result.steps.append(PlacedStep(step: try reader.step(instruction), origin: origin))
            }
            stages.append(result)
        }
    }
}

/// What the stages of a Dockerfile are called in its plan, where every name is there once.
struct StageNames {
    private let written: [String?]
    /// By stage; nil where nothing refers to it.
    let unique: [String?]

    init(_ stages: [ComposedStage]) {
        written = stages.map(\.name)
        // The name of the empty base is no stage's in a plan.
        var taken = Set(written.compactMap { $0 } + ["scratch"])
        var seen: Set<String> = ["scratch"]
        let numbered = Self.numbers(in: stages)
        unique = stages.enumerated().map { index, stage in
            guard let name = stage.name else {
                return numbered.contains(index) ? Self.free("stage-\(index)", &taken) : nil
            }
            return seen.insert(name).inserted ? name : Self.free(name, &taken)
        }
    }

    /// The stages that a `--from` names by number.
    private static func numbers(in stages: [ComposedStage]) -> Set<Int> {
        var numbers: Set<Int> = []
        for (instruction, _) in stages.flatMap(\.instructions) {
            let flags: [ComposedFlag]
            switch instruction {
            case .copy(_, _, _, _, let list), .run(_, let list, _): flags = list
            default: continue
            }
            for flag in flags {
                if flag.name == "from", let number = Int(flag.value.text) { numbers.insert(number) }
                for field in flag.mountFields where field.key == "from" {
                    if let number = Int(field.value?.text ?? "") { numbers.insert(number) }
                }
            }
        }
        return numbers
    }

    private static func free(_ wanted: String, _ taken: inout Set<String>) -> String {
        var name = wanted
        var number = 1
        while !taken.insert(name).inserted {
            number += 1
            name = "\(wanted)-\(number)"
        }
        return name
    }

    /// The stage of that name that FROM means in stage number `limit`.
    func index(of name: String, before limit: Int) -> Int? {
        written[..<limit].lastIndex { $0 == name.lowercased() }
    }

    /// The stage that `--from` means.
    func index(ofSource name: String, in stage: Int) -> Int? {
        if let number = Int(name), written.indices.contains(number) { return number }
        return index(of: name, before: stage) ?? index(of: name, before: written.count)
    }

    func name(of index: Int) -> String { unique[index] ?? "stage-\(index)" }
}
