import BuildModel
import OCISpec

extension Lowering {
    /// Lowers an instruction that edits the configuration only.
    mutating func lowerSetting(_ instruction: Instruction, _ state: inout StageState) throws(Diagnostic) {
        switch instruction.command {
        case .env(let pairs):
            let pairs = try expand(pairs, instruction, state)
            for pair in pairs { state.environment[pair.name] = pair.value }
            note("ENV " + Self.list(pairs), &state)
        case .label(let pairs):
            let pairs = try expand(pairs, instruction, state)
            for pair in pairs { state.config.config.labels[pair.name.string] = pair.value.string }
            note("LABEL " + Self.list(pairs), &state)
        case .arg(let declarations): try declare(declarations, instruction, &state)
        case .user(let text):
            let user = try word(text, instruction, state).string
            guard !user.isEmpty else { throw error(.badArguments, "USER is empty after expansion", instruction) }
            setUser(user, &state)
        case .cmd(let line):
            state.config.config.cmd = arguments(of: line, state)
            state.hasCommand = true
            note("CMD \(Self.quoted(state.config.config.cmd ?? []))", &state)
        case .entrypoint(let line):
            state.config.config.entrypoint = arguments(of: line, state)
            if !state.hasCommand { state.config.config.cmd = nil }
            note("ENTRYPOINT \(Self.quoted(state.config.config.entrypoint ?? []))", &state)
        case .shell(let words):
            state.config.config.shell = words.map(\.string)
            note("SHELL [\(words.map(\.string).joined(separator: " "))]", &state)
        case .stopsignal(let text):
            let signal = try word(text, instruction, state).string
            guard !signal.isEmpty else {
                throw error(.badArguments, "STOPSIGNAL is empty after expansion", instruction)
            }
            state.config.config.stopSignal = signal
            note("STOPSIGNAL \(signal)", &state)
        case .onbuild(let trigger):
            state.config.config.onBuild.append(trigger.string)
            note("ONBUILD \(trigger.string)", &state)
        case .maintainer(let name):
            state.config.author = name.string
            note("MAINTAINER \(name.string)", &state)
        case .volume(let texts): try volumes(texts, instruction, &state)
        case .expose(let texts): try expose(texts, instruction, &state)
        case .healthcheck(let check): healthcheck(check, &state)
        case .add, .copy, .run, .workdir: return
        }
    }

    /// Sets the user of the steps that follow, and of the image.
    func setUser(_ user: String, _ state: inout StageState) {
        state.config.config.user = user
        note("USER \(user)", &state)
    }

    private func note(_ createdBy: String, _ state: inout StageState) {
        state.history.append(.empty(createdBy: createdBy))
    }

    /// All values of one instruction are expanded before any of them is set.
    private mutating func expand(
        _ pairs: [InstructionNode.Pair], _ instruction: Instruction, _ state: StageState
    ) throws(Diagnostic) -> [(name: ByteText, value: ByteText)] {
        var result: [(name: ByteText, value: ByteText)] = []
        for pair in pairs {
            let name = try word(pair.name, instruction, state)
            guard !name.isEmpty else {
                throw error(
                    .badArguments, "\(instruction.keyword.name): the name \(pair.name.string) is empty after expansion",
                    instruction)
            }
            result.append((name, try word(pair.value, instruction, state)))
        }
        return result
    }

    private static func list(_ pairs: [(name: ByteText, value: ByteText)]) -> String {
        pairs.map { "\($0.name.string)=\($0.value.string)" }.joined(separator: " ")
    }

    private mutating func declare(
        _ declarations: [ArgumentDeclaration], _ instruction: Instruction, _ state: inout StageState
    ) throws(Diagnostic) {
        var arguments = state.arguments
        var texts: [String] = []
        for declaration in declarations {
            let name = try word(declaration.name, instruction, state)
            declaredNames.insert(name)
            var value = graph.options.buildArg(name)
            if value == nil {
                if let text = declaration.value {
                    value = try word(text, instruction, state)
                } else {
                    value = graph.globals[name]
                }
            }
            if let value { arguments[name] = value }
            // A proxy's address may hold a password, and history is public.
            let isSecret = LoweringOptions.proxyNames.contains(name.string)
            texts.append(value.map { isSecret ? name.string : "\(name.string)=\($0.string)" } ?? name.string)
        }
        state.arguments = arguments
        note("ARG \(texts.joined(separator: " "))", &state)
    }

    /// A command as the configuration stores it.
    func arguments(of line: CommandLine, _ state: StageState) -> [String] {
        switch line {
        case .shell(let text): state.shell + [text.string]
        case .exec(let words): words.map(\.string)
        }
    }

    /// As Go's `%q` writes a list: `["a" "b"]`.
    static func quoted(_ words: [String]) -> String {
        let quoted = words.map { word in
            var text: ByteText = [.quote]
            for byte in word.utf8 {
                switch byte {
                case .quote, .backslash: text += [.backslash, byte]
                case .newline: text += Array("\\n".utf8)
                case 0x09: text += Array("\\t".utf8)
                default: text.append(byte)
                }
            }
            return (text + [.quote]).string
        }
        return "[\(quoted.joined(separator: " "))]"
    }

    private mutating func volumes(
        _ texts: [ByteText], _ instruction: Instruction, _ state: inout StageState
    ) throws(Diagnostic) {
        var paths: [String] = []
        for text in texts {
            let path = try word(text, instruction, state).trimmed.string
            guard !path.isEmpty else {
                throw error(.badArguments, "VOLUME \(text.string) is empty after expansion", instruction)
            }
            paths.append(path)
        }
        for path in paths where !state.config.config.volumes.contains(path) {
            state.config.config.volumes.append(path)
        }
        note("VOLUME [\(paths.joined(separator: " "))]", &state)
    }

    private mutating func expose(
        _ texts: [ByteText], _ instruction: Instruction, _ state: inout StageState
    ) throws(Diagnostic) {
        var ports: [String] = []
        for text in texts {
            for port in try words(text, instruction, state) {
                do {
                    let read = try PortSpec.ports(port)
                    if read.hadHostPart {
                        warn(
                            "expose-host-part", "EXPOSE \(port.string): only the last number counts", instruction.range)
                    }
                    ports += read.ports
                } catch {
                    throw self.error(.badArguments, "EXPOSE: \(error.message)", instruction)
                }
                guard ports.count <= DockerfileLimits.ports else {
                    throw error(.tooLarge, "EXPOSE names more ports than there are", instruction)
                }
            }
        }
        var known = Set(state.config.config.exposedPorts)
        for port in ports where known.insert(port).inserted { state.config.config.exposedPorts.append(port) }
        note("EXPOSE [\(texts.map(\.string).joined(separator: " "))]", &state)
    }

    private mutating func healthcheck(_ check: HealthcheckCommand, _ state: inout StageState) {
        guard let line = check.line else {
            state.config.config.healthcheck = Healthcheck(test: ["NONE"])
            note("HEALTHCHECK NONE", &state)
            return
        }
        let test: [String] =
            switch line {
            case .shell(let text): ["CMD-SHELL", text.string]
            case .exec(let words): ["CMD"] + words.map(\.string)
            }
        state.config.config.healthcheck = Healthcheck(
            test: test, interval: check.interval, timeout: check.timeout, startPeriod: check.startPeriod,
            startInterval: check.startInterval, retries: check.retries)
        note("HEALTHCHECK \(Self.quoted(test))", &state)
    }
}
