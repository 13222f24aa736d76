import BuildModel
import Dockerfile
import OCISpec
import ShellText

extension ImagePlan {
    /// The Dockerfile that the plan stands for, to be lowered, and as text.
    package func composed() throws(PlanDocumentError) -> ComposedDockerfile {
        var file = ComposedDockerfile(name: documentName)
        for note in notes {
            file.warn(
                PlanWarning(
                    code: note.code, message: note.message, sourceName: note.origin?.file,
                    source: note.origin.map { SourceRange(line: $0.line) }))
        }
        for (index, argument) in arguments.enumerated() {
            try checkVariable(argument.name, "name", Place(plan: self, path: "arguments[\(index)]"))
            file.append(.argument([argument.composed]))
        }
        var names: [String] = []
        var known: [String: StageKnowledge] = [:]
        for (index, stage) in stages.enumerated() {
            let place = Place(plan: self, path: "stages[\(index)]")
            if let name = stage.name {
                if names.contains(name.lowercased()) {
                    throw place.error("name", "the stage \"\(name)\" is there twice")
                }
                if name.lowercased() == "scratch" {
                    throw place.error("name", "\"\(name)\" means the empty base; give the stage another name")
                }
            }
            file.begin(
                from: try base(stage.base, names: names, place), name: stage.name, platform: stage.platform?.composed)
            var knowledge = knowledge(of: stage.base, known)
            for (number, step) in stage.steps.enumerated() {
                let place = Place(plan: self, path: "stages[\(index)].steps[\(number)]", origin: step.origin)
                if case .run(let action) = step.step { warn(of: knowledge.findings(in: action), place, in: &file) }
                try append(step.step, place, to: &file)
                knowledge.note(step.step)
            }
            names.append(stage.name?.lowercased() ?? "")
            if let name = stage.name { known[name.lowercased()] = knowledge }
        }
        if let target, !stages.contains(where: { $0.name?.lowercased() == target.lowercased() }), Int(target) == nil {
            throw Place(plan: self, path: "target").error(
                nil, "there is no stage \"\(target)\"",
                suggestion: NearMiss.of(target, among: stages.compactMap(\.name)))
        }
        return file
    }

    private func knowledge(of base: Base, _ known: [String: StageKnowledge]) -> StageKnowledge {
        switch base {
        case .scratch: StageKnowledge(base: "scratch")
        case .image(let reference): StageKnowledge(base: reference.text)
        case .stage(let name): known[name.lowercased()] ?? StageKnowledge(base: "")
        }
    }

    private func warn(of findings: [CommandFinding], _ place: Place, in file: inout ComposedDockerfile) {
        for finding in findings {
            let message = place.origin == nil ? "\(place.path): \(finding)" : finding.description
            file.warn(
                PlanWarning(
                    code: finding.code.rawValue, message: message, sourceName: place.origin?.file,
                    source: place.origin.map { SourceRange(line: $0.line) }))
        }
    }

    /// Where an error is: in the program, or in the document.
    struct Place {
        let plan: ImagePlan
        let path: String
        var origin: SourceOrigin?

        func error(_ key: String?, _ message: String, suggestion: String? = nil) -> PlanDocumentError {
            if let origin { return PlanDocumentError("\(origin)", message, suggestion: suggestion) }
            guard plan.isDocument else { return PlanDocumentError(plan.documentName, message, suggestion: suggestion) }
            let path = path + (key.map { ".\($0)" } ?? "")
            return PlanDocumentError("\(plan.documentName): \(path)", message, suggestion: suggestion)
        }
    }

    private func base(_ base: Base, names: [String], _ place: Place) throws(PlanDocumentError)
        -> ComposedDockerfile.Base
    {
        switch base {
        case .scratch: return .image(.literal("scratch"))
        case .stage(let name):
            guard names.contains(name.lowercased()) else {
                let isLater = stages.contains { $0.name?.lowercased() == name.lowercased() }
                throw place.error(
                    "base.stage", "there is no \(isLater ? "earlier " : "")stage \"\(name)\"",
                    suggestion: isLater ? nil : NearMiss.of(name, among: stages.compactMap(\.name)))
            }
            return .stage(name)
        case .image(let reference):
            try refuseStage(named: reference.text, among: names, "base", place)
            return .image(reference.composed)
        }
    }

    /// In a Dockerfile a stage's name wins over an image's, so one that means the image cannot be written there.
    private func refuseStage(
        named reference: String, among names: [String], _ key: String, _ place: Place
    ) throws(PlanDocumentError) {
        guard names.contains(reference.lowercased()) else { return }
        throw place.error(
            key,
            "\"\(reference)\" is an image here, and a stage has that name: write {\"stage\": \"\(reference)\"} "
                + "for the stage, or \"\(reference):latest\" for the image")
    }

    /// The name by which `--from` finds what a step takes files from.
    func name(of origin: StepOrigin, _ key: String, _ place: Place) throws(PlanDocumentError) -> ComposedWord {
        switch origin {
        case .image(let reference):
            try refuseStage(named: reference, among: stages.map { $0.name?.lowercased() ?? "" }, key, place)
            return .literal(reference)
        case .stage(let name):
            guard stages.contains(where: { $0.name?.lowercased() == name.lowercased() }) else {
                throw place.error(
                    key, "there is no stage \"\(name)\"; an image is written {\"image\": \"\(name)\"}",
                    suggestion: NearMiss.of(name, among: stages.compactMap(\.name)))
            }
            return .literal(name)
        case .definition:
            throw place.error(key, "a definition within a plan is a stage of it")
        }
    }
}

extension StepText {
    /// The text for a composed file.
    var composed: ComposedWord {
        switch self {
        case .literal(let text): .literal(text)
        case .expanding(let text): .expanding(text)
        }
    }
}

extension CommandForm {
    /// The command for a composed file.
    var composed: ComposedCommand {
        switch self {
        case .shell(let text): .shell(text)
        case .exec(let words): .exec(words)
        }
    }
}

extension NamedText {
    /// The pair for a composed file.
    var composed: ComposedPair { ComposedPair(name.composed, value.composed) }
}

extension NamedArgument {
    /// The pair for a composed file.
    var composed: ComposedPair { ComposedPair(name.composed, defaultValue?.composed) }
}
