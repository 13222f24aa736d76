import BuildModel

/// A stage of a Dockerfile as the instructions that a program would append to compose it.
package struct ComposedStage: Sendable {
    /// After AS, in lower case.
    package let name: String?
    /// What it starts from.
    package let base: ComposedWord
    /// The value of `--platform`.
    package let platform: ComposedWord?
    /// The instructions, each with its first line, from 1.
    package var instructions: [(instruction: ComposedInstruction, line: Int)] = []
}

extension ParsedDockerfile {
    /// ARG before the first FROM.
    package var composedArguments: [ComposedPair] {
        globals.flatMap { instruction -> [ComposedPair] in
            guard case .arg(let declarations) = instruction.command else { return [] }
            return declarations.map(pair)
        }
    }

    /// The stages, in order.
    package var composedStages: [ComposedStage] {
        stages.map { stage in
            var result = ComposedStage(
                name: stage.name, base: word(stage.base), platform: stage.platform.map(word))
            result.instructions = stage.instructions.map { (composed($0), $0.range.first) }
            return result
        }
    }

    private func word(_ text: ByteText) -> ComposedWord { ComposedWord(text, escape: directives.escape) }

    private func pair(_ declaration: ArgumentDeclaration) -> ComposedPair {
        ComposedPair(word(declaration.name), declaration.value.map(word))
    }

    private func pairs(_ pairs: [InstructionNode.Pair]) -> [ComposedPair] {
        pairs.map { ComposedPair(word($0.name), word($0.value)) }
    }

    private func command(_ line: CommandLine) -> ComposedCommand {
        switch line {
        case .shell(let text): .shell(text.string)
        case .exec(let words): .exec(words.map(\.string))
        }
    }

    /// The flags of an instruction by name, save those that change nothing. Those in `words` are expanded later.
    private func flags(_ node: InstructionNode, words: Set<String> = []) -> [ComposedFlag] {
        node.flags.compactMap { flag in
            let body = flag.dropFirst(2)
            let name = body.prefix { $0 != .equals }.string
            let value = ByteText(body.dropFirst(name.utf8.count + 1))
            if ["link", "security"].contains(name) { return nil }
            let text = value.isEmpty && !body.contains(.equals) ? Array("true".utf8) : value
            return ComposedFlag(name, words.contains(name) ? word(text) : .expanding(text.string))
        }
    }

    private func composed(_ instruction: Instruction) -> ComposedInstruction {
        let node = instruction.node
        switch instruction.command {
        case .run(let run):
            guard let script = run.script else { return .run(command(run.line), flags: flags(node)) }
            return .run(
                .script(String(decoding: script.content, as: UTF8.self), name: script.name), flags: flags(node))
        case .copy(let copy), .add(let copy):
            let files = copy.heredocs.map { heredoc in
                ComposedFile(
                    name: heredoc.name,
                    content: heredoc.expands ? .expanding(heredoc.text.string) : .literal(heredoc.text.string))
            }
            return .copy(
                sources: copy.sources.map(word), files: files, destination: word(copy.destination),
                isAdd: instruction.keyword == .add, flags: flags(node, words: ["from", "chown", "chmod"]))
        case .env(let list): return .env(pairs(list))
        case .label(let list): return .label(pairs(list))
        case .arg(let declarations): return .argument(declarations.map(pair))
        case .workdir(let text): return .workdir(word(text))
        case .user(let text): return .user(word(text))
        case .stopsignal(let text): return .stopSignal(word(text))
        case .cmd(let line): return .cmd(command(line))
        case .entrypoint(let line): return .entrypoint(command(line))
        case .expose(let words): return .expose(words.map(word))
        case .volume(let words): return .volume(words.map(word))
        case .shell(let words): return .shell(words.map(\.string))
        case .maintainer(let name): return .maintainer(name.string)
        case .onbuild(let trigger): return .onBuild(trigger.string)
        case .healthcheck(let check): return .healthcheck(check.line.map(command), flags: flags(node))
        }
    }
}

extension ComposedWord {
    /// A word of a Dockerfile whose escape character is `escape`; one without any meaning beyond its letters is literal.
    init(_ text: ByteText, escape: UInt8) {
        guard text.contains(where: { "\\'\"$".utf8.contains($0) || $0 == escape }) else {
            self = .literal(text.string)
            return
        }
        self = .expanding((escape == .backslash ? text : Self.withBackslashes(text, escape: escape)).string)
    }

    /// The word with "\" as its escape character, meaning the same.
    private static func withBackslashes(_ text: ByteText, escape: UInt8) -> ByteText {
        var result: ByteText = []
        var quote: UInt8?
        var index = 0
        while index < text.count {
            let byte = text[index]
            index += 1
            if quote == .apostrophe {
                if byte == .apostrophe { quote = nil }
                result.append(byte)
            } else if byte == .backslash {
                result += [.backslash, .backslash]
            } else if byte == escape {
                guard index < text.count else { break }
                let next = text[index]
                let isEscape = quote == nil || next == .quote || next == .dollar || next == escape
                guard isEscape else {
                    result.append(byte)
                    continue
                }
                index += 1
                result += next == escape ? [escape] : [.backslash, next]
            } else {
                if byte == quote {
                    quote = nil
                } else if quote == nil, byte == .quote || byte == .apostrophe {
                    quote = byte
                }
                result.append(byte)
            }
        }
        return result
    }
}

extension ComposedFlag {
    /// The fields of a `--mount`, under the one name that each has; none where it is no mount.
    package var mountFields: [(key: String, value: ComposedWord?)] {
        guard name == "mount", let flag = try? MountFlag(value.text) else { return [] }
        return flag.fields.map { ($0.key, $0.value.map { ComposedWord($0, escape: .backslash) }) }
    }
}
