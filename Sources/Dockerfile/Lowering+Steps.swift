import BuildModel
import OCISpec

extension Lowering {
    /// Lowers one instruction of a stage.
    mutating func lower(_ instruction: Instruction, _ state: inout StageState) throws(Diagnostic) {
        switch instruction.command {
        case .run(let run):
            if let user = instruction.user {
                try lower(run, as: user, instruction, &state)
            } else {
                try lower(run, instruction, &state)
            }
        case .copy(let copy), .add(let copy): try lower(copy, instruction, &state)
        case .workdir(let text): try lowerWorkdir(text, instruction, &state)
        default: try lowerSetting(instruction, &state)
        }
    }

    /// Appends a step to the stage, with its history entry.
    private mutating func append(
        _ step: BuildStep, from trees: [StepID] = [], createdBy: String, _ instruction: Instruction,
        _ state: inout StageState
    ) throws(Diagnostic) {
        state.step = try add(step, [state.step] + trees, title: instruction.title, state.stage, instruction.range)
        state.history.append(.step(state.step, createdBy: createdBy))
    }

    private mutating func lower(
        _ run: RunCommand, _ instruction: Instruction, _ state: inout StageState
    ) throws(Diagnostic) {
        let argv = arguments(of: run.line, state)
        var isShell = false
        if case .shell(let text) = run.line {
            isShell = true
            noteUndeclaredGlobals(in: text, instruction, state)
        }
        if let long = argv.first(where: { $0.utf8.count > DockerfileLimits.wordSize }) {
            throw error(
                .tooLarge,
                "an argument of \(long.utf8.count) bytes, but Linux takes at most "
                    + "\(DockerfileLimits.wordSize); COPY a script and run that", instruction)
        }
        var trees: [StepID] = []
        let mounts = try lower(run.mounts, trees: &trees, instruction, state)
        let step = RunStep(
            argv: argv, environment: state.runEnvironment(), ambientEnvironment: ambient(for: state),
            workingDirectory: state.workingDirectory.string, user: state.config.config.user, network: run.network,
            mounts: mounts, scripts: run.script.map { [$0] } ?? [], shellForm: isShell)
        try append(
            .run(step), from: trees, createdBy: "RUN \(argv.joined(separator: " "))", instruction, &state)
    }

    /// Runs a step as another user than the stage has: what USER before and after it would do.
    private mutating func lower(
        _ run: RunCommand, as user: ByteText, _ instruction: Instruction, _ state: inout StageState
    ) throws(Diagnostic) {
        let user = try word(user, instruction, state)
        guard !user.isEmpty else { throw error(.badArguments, "the user of RUN is empty after expansion", instruction) }
        let usual = Array(state.config.config.user.utf8)
        if user == usual || (Composer.isRoot(user) && Composer.isRoot(usual)) {
            return try lower(run, instruction, &state)
        }
        setUser(user.string, &state)
        try lower(run, instruction, &state)
        setUser(usual.isEmpty ? "root" : usual.string, &state)
    }

    private mutating func lowerWorkdir(
        _ text: ByteText, _ instruction: Instruction, _ state: inout StageState
    ) throws(Diagnostic) {
        let written = try word(text, instruction, state)
        guard !written.isEmpty else {
            throw error(.badArguments, "WORKDIR \(text.string) is empty after expansion", instruction)
        }
        let path = TreePath.join(state.workingDirectory, written).string
        state.config.config.workingDirectory = path
        // The root always exists.
        if path == "/" {
            state.history.append(.empty(createdBy: "WORKDIR /"))
        } else {
            let step = WorkdirStep(path: path, user: state.config.config.user)
            try append(.workdir(step), createdBy: "WORKDIR \(path)", instruction, &state)
        }
    }

    private mutating func lower(
        _ copy: CopyCommand, _ instruction: Instruction, _ state: inout StageState
    ) throws(Diagnostic) {
        let name = instruction.keyword.name
        var sources: [ByteText] = []
        for text in copy.sources {
            let source = try word(text, instruction, state)
            guard !source.isEmpty else {
                throw error(.badArguments, "the source \(text.string) of \(name) is empty after expansion", instruction)
            }
            if instruction.keyword == .add { try refuseRemote(source, instruction) }
            sources.append(source)
        }
        let written = try word(copy.destination, instruction, state)
        guard !written.isEmpty else {
            throw error(
                .badArguments, "the destination \(copy.destination.string) of \(name) is empty after expansion",
                instruction)
        }
        let isDirectory = written.last == .slash || written.equals(".") || written.suffix(2).equals("/.")
        guard sources.count + copy.heredocs.count == 1 || isDirectory else {
            throw error(
                .badArguments, "with more than one source the destination of \(name) is a directory and ends in \"/\"",
                instruction, suggestion: "\(written.string)/")
        }
        var destination = TreePath.join(state.workingDirectory, written)
        if isDirectory, destination.last != .slash { destination.append(.slash) }
        var step = CopyStep(
            sources: sources.map { (copy.from == nil ? TreePath.contextSource($0) : TreePath.source($0)).string },
            inlineFiles: try inlineFiles(of: copy, instruction, state), destination: destination.string,
            isAdd: copy.unpacks)
        if copy.from == nil {
            step.absoluteSources = Set(sources.filter { $0.first == .slash }.map { TreePath.contextSource($0).string })
        }
        var flags = ""
        if let owner = copy.owner {
            let text = try word(owner, instruction, state).string
            if !text.isEmpty {
                step.owner = text
                flags += "--chown=\(text) "
            }
        }
        if let mode = copy.mode {
            let text = try word(mode, instruction, state)
            guard Self.isMode(text) else {
                throw error(
                    .badFlag,
                    "--chmod takes an octal mode such as 755 or a symbolic one such as u=rwX,go=rX, not "
                        + "\"\(text.string)\"", instruction)
            }
            step.mode = text.string
            flags += "--chmod=\(text.string) "
        }
        var tree: StepID?
        if let from = copy.from {
            tree = try self.tree(of: from, instruction, state.stage)
            step.from = .step(inputIndex: 1)
        }
        let marks = copy.heredocs.map { Array("<<\($0.name)".utf8) }
        let words = (sources + marks + [written]).map(\.string).joined(separator: " ")
        try append(
            .copy(step), from: tree.map { [$0] } ?? [], createdBy: "\(name) \(flags)\(words)", instruction, &state)
    }

    private mutating func inlineFiles(
        of copy: CopyCommand, _ instruction: Instruction, _ state: StageState
    ) throws(Diagnostic) -> [InlineFile] {
        var files: [InlineFile] = []
        for heredoc in copy.heredocs {
            let content = heredoc.expands ? try document(heredoc.text, instruction, state) : heredoc.text
            files.append(InlineFile(name: heredoc.name, content: content))
        }
        return files
    }

    private func refuseRemote(_ source: ByteText, _ instruction: Instruction) throws(Diagnostic) {
        let text = source.lowercased
        let isRemote =
            ["http://", "https://", "ftp://", "ssh://", "git://", "git@", "s3://"].contains {
                text.starts(with: $0.utf8)
            }
        if isRemote {
            throw error(
                .unsupported,
                "ADD of the remote source \(source.string) is not supported yet; fetch it before the "
                    + "build, or with RUN curl or git", instruction)
        }
    }

    /// Whether a text is an octal mode, or symbolic ones separated by commas.
    static func isMode(_ text: ByteText) -> Bool {
        if let first = text.first, first.isDigit {
            return text.count <= 5 && text.allSatisfy { (0x30...0x37).contains($0) }
                && (UInt32(text.string, radix: 8) ?? .max) <= 0o7777
        }
        return !text.isEmpty
            && text.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).allSatisfy { clause in
                var rest = clause.drop { "ugoa".utf8.contains($0) }
                guard !rest.isEmpty else { return false }
                while let sign = rest.first {
                    guard "+-=".utf8.contains(sign) else { return false }
                    rest = rest.dropFirst().drop { "rwxXstugo".utf8.contains($0) }
                }
                return true
            }
    }
}
