import BuildModel

/// Third pass, second half: checks that the syntax of an instruction makes sense.
struct CommandParser {
    let source: SourceText

    func error(
        _ code: Diagnostic.Code, _ message: String, _ node: InstructionNode, suggestion: String? = nil
    ) -> Diagnostic {
        source.diagnostic(code, message, at: node.range, suggestion: suggestion)
    }

    /// Reads any instruction but FROM.
    func instruction(_ node: InstructionNode) throws(Diagnostic) -> Instruction {
        Instruction(command: try command(node), node: node)
    }

    private func command(_ node: InstructionNode) throws(Diagnostic) -> Command {
        switch node.keyword {
        case .add: return .add(try addCommand(node))
        case .copy: return .copy(try copyCommand(node))
        case .run: return .run(try runCommand(node))
        case .healthcheck: return .healthcheck(try healthcheck(node))
        case .onbuild: return try onbuild(node)
        case .from: throw error(.badTrigger, "FROM cannot stand here", node)
        default: break
        }
        _ = try InstructionFlags(node, of: source, allowed: [:])
        switch node.keyword {
        case .arg: return .arg(try declarations(node))
        case .cmd: return .cmd(try commandLine(node, mayBeEmpty: true))
        case .entrypoint: return .entrypoint(try commandLine(node, mayBeEmpty: true))
        case .env: return .env(try pairs(node))
        case .label: return .label(try pairs(node))
        case .expose: return .expose(try words(node, needing: "a port, such as EXPOSE 8080"))
        case .volume: return .volume(try words(node, needing: "a path, such as VOLUME /data"))
        case .maintainer: return .maintainer(try single(node, needing: "a name"))
        case .stopsignal: return .stopsignal(try single(node, needing: "a signal, such as STOPSIGNAL SIGTERM"))
        case .user: return .user(try single(node, needing: "a user, such as USER nobody"))
        case .workdir: return .workdir(try single(node, needing: "a path, such as WORKDIR /app"))
        default: return .shell(try shell(node))
        }
    }

    private func single(_ node: InstructionNode, needing what: String) throws(Diagnostic) -> ByteText {
        guard case .words(let words) = node.arguments, let word = words.first else {
            throw error(.badArguments, "\(node.keyword.name) needs \(what)", node)
        }
        return word
    }

    private func words(_ node: InstructionNode, needing what: String) throws(Diagnostic) -> [ByteText] {
        switch node.arguments {
        case .words(let words) where !words.isEmpty: return words
        case .strings(let words) where !words.isEmpty && words.allSatisfy({ !$0.trimmed.isEmpty }): return words
        default: throw error(.badArguments, "\(node.keyword.name) needs \(what)", node)
        }
    }

    private func pairs(_ node: InstructionNode) throws(Diagnostic) -> [InstructionNode.Pair] {
        let name = node.keyword.name
        guard case .pairs(let pairs) = node.arguments else {
            throw error(.badArguments, "\(name) needs a name and a value: \(name) NAME=value", node)
        }
        for pair in pairs where pair.name.isEmpty {
            throw error(.badArguments, "\(name) has a value without a name: \"=\(pair.value.string)\"", node)
        }
        return pairs
    }

    private func declarations(_ node: InstructionNode) throws(Diagnostic) -> [ArgumentDeclaration] {
        guard case .words(let words) = node.arguments else {
            throw error(.badArguments, "ARG needs a name: ARG NAME or ARG NAME=default", node)
        }
        var declarations: [ArgumentDeclaration] = []
        for word in words {
            let name = ByteText(word.prefix { $0 != .equals })
            guard !name.isEmpty else {
                throw error(.badArguments, "ARG has a value without a name: \"\(word.string)\"", node)
            }
            let value = word.firstIndex(of: .equals).map { ByteText(word[($0 + 1)...]) }
            declarations.append(ArgumentDeclaration(name: name, value: value))
        }
        return declarations
    }

    /// A command in shell or exec form.
    func commandLine(_ node: InstructionNode, mayBeEmpty: Bool) throws(Diagnostic) -> CommandLine {
        switch node.arguments {
        case .strings(let strings) where mayBeEmpty || !strings.isEmpty: return .exec(strings)
        case .words(let words): if let text = words.first { return .shell(text) }
        case .none where mayBeEmpty: return .exec([])
        default: break
        }
        throw error(.badArguments, "\(node.keyword.name) needs a command", node)
    }

    private func shell(_ node: InstructionNode) throws(Diagnostic) -> [ByteText] {
        guard case .strings(let strings) = node.arguments, !strings.isEmpty else {
            throw error(
                .badArguments, "SHELL takes the exec form: SHELL [\"/bin/bash\", \"-c\"]", node)
        }
        return strings
    }

    private func onbuild(_ node: InstructionNode) throws(Diagnostic) -> Command {
        guard case .instruction(let inner) = node.arguments else {
            throw error(.badArguments, "ONBUILD needs an instruction, such as ONBUILD COPY . /app", node)
        }
        if [.from, .onbuild, .maintainer].contains(inner.keyword) {
            throw error(.badArguments, "\(inner.keyword.name) cannot follow ONBUILD", node)
        }
        _ = try command(inner)
        let trigger = inner.heredocs.reduce(into: inner.text) { $0 += [.newline] + $1.content + Array($1.name.utf8) }
        return .onbuild(trigger: trigger)
    }
}
