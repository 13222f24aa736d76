import BuildModel
import Dockerfile

/// Makes steps of a Dockerfile's instructions.
struct InstructionReader {
    let names: StageNames
    let stage: Int
    let origin: SourceOrigin

    private func error(_ message: String) -> PlanDocumentError { PlanDocumentError("\(origin)", message) }

    func step(_ instruction: ComposedInstruction) throws(PlanDocumentError) -> ImageStep {
        switch instruction {
        case .run(let command, let flags, _): .run(try run(command, flags))
        case .copy(let sources, let files, let destination, let isAdd, let flags):
            try copy(sources, files, destination, isAdd, flags)
        case .env(let pairs): .environment(pairs.map { NamedText($0) })
        case .label(let pairs): .labels(pairs.map { NamedText($0) })
        case .argument(let pairs): .arguments(pairs.map { NamedArgument($0) })
        case .workdir(let word): .workdir(StepText(word))
        case .user(let word): .user(StepText(word))
        case .stopSignal(let word): .stopSignal(StepText(word))
        case .cmd(let command): .cmd(form(command))
        case .entrypoint(let command): .entrypoint(form(command))
        case .expose(let words): .expose(words.map { StepText($0) })
        case .volume(let words): .volumes(words.map { StepText($0) })
        case .shell(let words): .shell(words)
        case .maintainer(let name): .maintainer(name)
        case .onBuild(let trigger): .onBuild(trigger)
        case .healthcheck(let command, let flags): .healthcheck(try healthcheck(command, flags))
        }
    }

    private func form(_ command: ComposedCommand) -> CommandForm {
        switch command {
        case .shell(let text), .script(let text, _): .shell(text)
        case .exec(let words): .exec(words)
        }
    }

    private func run(
        _ command: ComposedCommand, _ flags: [ComposedFlag]
    ) throws(PlanDocumentError) -> RunAction {
        var action = RunAction(form(command))
        if case .script(_, let name) = command, name != ComposedCommand.usualScriptName { action.scriptName = name }
        for flag in flags {
            switch flag.name {
            case "network":
                guard let network = RunAction.Network(rawValue: flag.value.text) else {
                    throw error("a plan has no network \"\(flag.value.text)\"")
                }
                action.network = network
            case "mount": action.mounts.append(try mount(flag.mountFields))
            default: throw error("a plan has no word for --\(flag.name) of RUN")
            }
        }
        return action
    }

    /// Keys of mounts whose values a plan has as they are.
    private static let fixed: Set<String> = [
        "readonly", "readwrite", "sharing", "uid", "gid", "mode", "size", "required", "env",
    ]

    private func mount(
        _ fields: [(key: String, value: ComposedWord?)]
    ) throws(PlanDocumentError) -> MountAction {
        let type = fields.last { $0.key == "type" }?.value?.text ?? "bind"
        guard let kind = MountAction.Kind(rawValue: type.lowercased()) else {
            throw error("a plan has no mount of type \"\(type)\"")
        }
        var mount = MountAction(kind)
        for (key, word) in fields where key != "type" {
            let value = word?.text
            let flag = value.map { ["1", "t", "true"].contains($0.lowercased()) } ?? true
            if let value, value.contains("$"), Self.fixed.contains(key) {
                throw error("\(key)=\(value) of --mount is decided by a variable; a plan needs the value itself")
            }
            switch key {
            case "target": mount.target = word.map { StepText($0) }
            case "source": mount.source = word.map { StepText($0) }
            case "id": mount.id = word.map { StepText($0) }
            case "from": mount.from = try value.map(source)
            case "readonly": mount.isReadOnly = flag
            case "readwrite": mount.isReadOnly = !flag
            case "sharing": mount.sharing = value
            case "uid": mount.uid = value.flatMap { Int($0) }
            case "gid": mount.gid = value.flatMap { Int($0) }
            case "mode": mount.mode = value
            case "size": mount.size = value
            case "required": mount.isRequired = flag
            case "env": mount.variable = value
            default: throw error("a plan has no word for \"\(key)\" of --mount")
            }
        }
        return mount
    }

    /// The stage or image that a `--from` names.
    private func source(_ text: String) throws(PlanDocumentError) -> StepOrigin {
        guard !text.contains("$") else {
            throw error("--from=\(text) is decided by a variable; a plan needs the stage's or the image's own name")
        }
        return names.index(ofSource: text, in: stage).map { .stage(names.name(of: $0)) } ?? .image(text)
    }

    private func copy(
        _ sources: [ComposedWord], _ files: [ComposedFile], _ destination: ComposedWord, _ isAdd: Bool,
        _ flags: [ComposedFlag]
    ) throws(PlanDocumentError) -> ImageStep {
        var action = CopyAction(sources.map { StepText($0) }, to: StepText(destination))
        action.files = files.map { InlineText($0.name, StepText($0.content)) }
        for flag in flags {
            switch flag.name {
            case "from": action.from = try source(flag.value.text)
            case "chown": action.owner = StepText(flag.value)
            case "chmod": action.mode = StepText(flag.value)
            case "exclude": action.exclude.append(flag.value.text)
            case "checksum": action.checksum = flag.value.text
            case "keep-git-dir": action.keepsGitFolder = flag.value.text == "true"
            case "unpack": action.unpacks = flag.value.text == "true"
            case "parents" where flag.value.text == "false": break
            default: throw error("a plan has no word for --\(flag.name) of \(isAdd ? "ADD" : "COPY")")
            }
        }
        return isAdd ? .add(action) : .copy(action)
    }

    private func healthcheck(
        _ command: ComposedCommand?, _ flags: [ComposedFlag]
    ) throws(PlanDocumentError) -> HealthcheckAction? {
        guard let command else { return nil }
        var action = HealthcheckAction(form(command))
        for flag in flags {
            let text = flag.value.text
            switch flag.name {
            case "interval": action.interval = text
            case "timeout": action.timeout = text
            case "start-period": action.startPeriod = text
            case "start-interval": action.startInterval = text
            default: action.retries = Int(text)
            }
        }
        return action
    }
}

extension StepText {
    init(_ word: ComposedWord) {
        switch word {
        case .literal(let text): self = .literal(text)
        case .expanding(let text): self = .expanding(text)
        }
    }
}

extension NamedText {
    init(_ pair: ComposedPair) { self.init(StepText(pair.name), pair.value.map { StepText($0) } ?? "") }
}

extension NamedArgument {
    init(_ pair: ComposedPair) { self.init(StepText(pair.name), defaultValue: pair.value.map { StepText($0) }) }
}
