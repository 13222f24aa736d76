import BuildModel

/// Writes a composed file's text, and keeps for each instruction its syntax as it is meant, with the lines it stands on.
struct Composer {
    /// An instruction as syntax, before it has a place in a checked text.
    struct Draft {
        var keyword: Keyword
        var flags: [ComposedFlag] = []
        var arguments: InstructionNode.Arguments
        /// The text after the keyword and the flags.
        var written: ByteText
        var heredocs: [Heredoc] = []
    }

    private struct Placed {
        let draft: Draft
        let line: ByteText
        let range: SourceRange
        let user: ByteText?

        /// The line without the here-documents after it, as a title has it.
        var firstLine: ByteText { draft.heredocs.isEmpty ? line : ByteText(line.prefix { $0 != .newline }) }
    }

    private let name: String
    private let warnings: [PlanWarning]
    private(set) var text: ByteText = []
    private(set) var limitations: [String] = []
    private var placed: [Placed] = []
    private var origins: [Int: SourceOrigin] = [:]
    private var line = 1
    /// What USER says in each stage, as far as the file tells; to put it back after a step of another user.
    private var users: [String: ComposedWord] = [:]
    private var user: ComposedWord?
    private var stage: String?

    init(_ file: ComposedDockerfile) {
        name = file.name
        warnings = file.warnings
        for (entry, origin) in file.entries {
            switch entry {
            case .from(let base, let name, let platform): begin(base, name, platform, origin)
            case .instruction(let instruction): append(instruction, origin)
            }
        }
    }

    // MARK: Writing

    private mutating func begin(
        _ base: ComposedDockerfile.Base, _ name: String?, _ platform: ComposedWord?, _ origin: SourceOrigin?
    ) {
        if !text.isEmpty { write(line: []) }
        var word: ComposedWord
        switch base {
        case .image(let reference):
            word = reference
            user = nil
        case .stage(let name):
            word = .literal(name)
            user = users[name.lowercased()]
        }
        stage = name?.lowercased()
        if let stage { users[stage] = user }
        var words = [word.word]
        if let name { words += [Array("AS".utf8), Array(name.utf8)] }
        let written = [word.written] + words.dropFirst()
        place(
            Draft(
                keyword: .from, flags: platform.map { [ComposedFlag("platform", $0)] } ?? [],
                arguments: .words(words), written: ByteText(written.joined(separator: [0x20]))), origin)
    }

    private mutating func append(_ instruction: ComposedInstruction, _ origin: SourceOrigin?) {
        let noted = limitations.count
        let draft = Draft(instruction) { limitations.append($0) }
        noteLineBreaks(in: instruction, draft)
        for limitation in limitations[noted...] {
            let sentence = limitation.prefix(1).uppercased() + limitation.dropFirst()
            write(line: Array("# \(sentence), which a Dockerfile cannot say.".utf8).filter { $0 != .newline })
        }
        guard case .run(_, _, let other?) = instruction else {
            if case .user(let word) = instruction {
                user = word
                if let stage { users[stage] = word }
            }
            place(draft, origin)
            return
        }
        // Where nothing says otherwise an image's user is root, and the text takes that for granted.
        let usual = user ?? .literal("root")
        let isSame = other == usual || (Self.isRoot(other.word) && Self.isRoot(usual.word))
        if !isSame { write(line: Array("USER ".utf8) + other.written, origin) }
        place(draft, origin, user: other.word)
        if !isSame { write(line: Array("USER ".utf8) + usual.written, origin) }
    }

    /// Whether a USER is root under one of its usual names.
    static func isRoot(_ user: ByteText) -> Bool {
        user.isEmpty || ["root", "0", "0:0", "root:root"].contains(user.string)
    }

    private mutating func place(_ draft: Draft, _ origin: SourceOrigin?, user: ByteText? = nil) {
        var line = Array(draft.keyword.name.utf8)
        for flag in draft.flags {
            line += Array(" --\(flag.name)=".utf8) + Self.flagText(flag.value.word)
        }
        if !draft.written.isEmpty { line += [0x20] + draft.written }
        let first = self.line
        write(line: line, origin)
        placed.append(
            Placed(draft: draft, line: line, range: SourceRange(first: first, last: self.line - 1), user: user))
    }

    private mutating func write(line bytes: ByteText, _ origin: SourceOrigin? = nil) {
        if let origin { origins[line] = origin }
        text += bytes + [.newline]
        line += 1 + bytes.count { $0 == .newline }
    }

    /// A flag's value with what would end it, or change it, escaped.
    private static func flagText(_ value: ByteText) -> ByteText {
        value.flatMap { byte -> ByteText in
            if byte == .newline { return Array("\\n".utf8) }
            return byte.isBlank || byte == .backslash || byte == .quote || byte == .apostrophe
                ? [.backslash, byte] : [byte]
        }
    }

    private mutating func noteLineBreaks(in instruction: ComposedInstruction, _ draft: Draft) {
        for flag in draft.flags where flag.value.hasLineBreak {
            limitations.append("the value of --\(flag.name) has a line break")
        }
        func note(_ pairs: [ComposedPair], _ keyword: String) {
            for pair in pairs where pair.name.hasLineBreak || pair.value?.hasLineBreak == true {
                limitations.append("the value of \(keyword) \(pair.name.text) has a line break")
            }
        }
        switch instruction {
        case .env(let pairs): note(pairs, "ENV")
        case .label(let pairs): note(pairs, "LABEL")
        case .argument(let pairs): note(pairs, "ARG")
        case .workdir(let word), .user(let word), .stopSignal(let word):
            if word.hasLineBreak { limitations.append("a path or name has a line break") }
        default: break
        }
    }

    // MARK: Reading

    /// Checks the syntax and makes stages of it.
    func parsed() throws(Diagnostic) -> ParsedDockerfile {
        let source = try SourceText(DockerfileSource(name: name, bytes: text), origins: origins)
        let commands = CommandParser(source: source)
        var globals: [Instruction] = []
        var stages: [Stage] = []
        for item in placed {
            let node = try node(item, source)
            if node.keyword == .from {
                stages.append(try commands.stage(node, index: stages.count))
                continue
            }
            var instruction = try commands.instruction(node)
            instruction.user = item.user
            if !stages.isEmpty {
                stages[stages.count - 1].instructions.append(instruction)
            } else if node.keyword == .arg {
                globals.append(instruction)
            } else {
                throw source.diagnostic(
                    .noFrom, "\(node.keyword.name) stands before the first FROM; only ARG may", at: node.range)
            }
        }
        guard !stages.isEmpty else { throw source.diagnostic(.noFrom, "there is no stage to build", at: nil) }
        return ParsedDockerfile(source: source, globals: globals, stages: stages, warnings: warnings)
    }

    private func node(_ item: Placed, _ source: SourceText) throws(Diagnostic) -> InstructionNode {
        if item.draft.keyword == .onbuild {
            // Its instruction is a text in any case, and is read as one.
            let alone = try SourceText(DockerfileSource(name: name, bytes: item.line))
            var lines = try LineLexer.lines(of: alone, directives: ParserDirectives())
            guard lines.count == 1 else {
                throw source.diagnostic(.badArguments, "ONBUILD takes one instruction", at: item.range)
            }
            lines[0].range = item.range
            return try NodeParser(source: source, escape: .backslash).node(lines[0])
        }
        let flags = item.draft.flags.map { Array("--\($0.name)=".utf8) + $0.value.word }
        return InstructionNode(
            keyword: item.draft.keyword, flags: flags, arguments: item.draft.arguments, text: item.firstLine,
            range: item.range, heredocs: item.draft.heredocs)
    }
}
