import BuildModel

extension CommandParser {
    /// Reads RUN.
    func runCommand(_ node: InstructionNode) throws(Diagnostic) -> RunCommand {
        let flags = try InstructionFlags(
            node, of: source,
            allowed: ["mount": .list, "network": .value, "security": .value, "device": .list])
        if flags.has("device") {
            throw error(
                .unsupported, "RUN --device is not supported: a step runs without devices of the host", node)
        }
        if let mode = flags["security"], mode != "sandbox" {
            throw error(.unsupported, "RUN --security=\(mode) is not supported: every step runs in a sandbox", node)
        }
        var network: NetworkMode?
        if let value = flags["network"], value != "default" {
            network = NetworkMode(rawValue: value)
            if network == nil {
                throw error(
                    .badFlag, "--network takes default, none or host, not \"\(value)\"", node,
                    suggestion: NearMiss.of(value, among: ["default", "none", "host"]))
            }
        }
        var run = RunCommand(line: try commandLine(node, mayBeEmpty: false), network: network)
        run.mounts = try mounts(flags.list("mount"), node)
        try read(node.heredocs, into: &run, node)
        return run
    }

    /// Checks each mount as far as that can be done before variables are expanded.
    private func mounts(_ texts: [String], _ node: InstructionNode) throws(Diagnostic) -> [MountFlag] {
        var mounts: [MountFlag] = []
        for text in texts {
            do {
                let flag = try MountFlag(text)
                _ = try flag.from()
                if flag.isPlain { _ = try MountReader.read(flag) { $0 } }
                mounts.append(flag)
            } catch let problem as MountFlag.Problem {
                throw error(.badFlag, problem.message, node, suggestion: problem.suggestion)
            } catch {
                throw self.error(.badFlag, "--mount=\(text): \(error)", node)
            }
        }
        return mounts
    }

    /// A here-document alone is a script: for its own interpreter where it names one, else for the shell. Otherwise
    /// the shell gets the whole text, for it knows here-documents itself.
    private func read(
        _ heredocs: [Heredoc], into run: inout RunCommand, _ node: InstructionNode
    ) throws(Diagnostic) {
        guard let first = heredocs.first, case .shell(let text) = run.line else { return }
        guard Heredoc.isMark(text) else {
            run.line = .shell(heredocs.reduce(into: text) { $0 += [.newline] + $1.content + Array($1.name.utf8) })
            return
        }
        guard first.text.begins(with: "#!") else {
            run.line = .shell(first.text)
            return
        }
        try checkName(of: first, node)
        run.script = InlineFile(name: first.name, content: first.text)
        run.line = .shell(Array("\(RunStep.scriptFolder)/\(first.name)".utf8))
    }

    /// A here-document that becomes a file has the name of one.
    private func checkName(of heredoc: Heredoc, _ node: InstructionNode) throws(Diagnostic) {
        guard !heredoc.name.utf8.contains(.slash), ![".", ".."].contains(heredoc.name) else {
            throw error(
                .badArguments,
                "the here-document <<\(heredoc.name) of \(node.keyword.name) cannot be a file of that name; choose a "
                    + "word without \"/\", such as EOF", node)
        }
    }

    /// Reads COPY.
    func copyCommand(_ node: InstructionNode) throws(Diagnostic) -> CopyCommand {
        let flags = try InstructionFlags(
            node, of: source,
            allowed: [
                "from": .value, "chown": .value, "chmod": .value, "link": .boolean, "parents": .boolean,
                "exclude": .list,
            ])
        if flags.has("parents") {
            throw error(
                .unsupported, "COPY --parents is not supported yet; copy each directory to its own destination", node)
        }
        try refuseExclude(flags, node)
        var copy = try files(node, flags)
        copy.from = flags.text("from")
        if copy.from?.isEmpty == true { throw error(.badFlag, "--from needs the name of a stage or image", node) }
        return copy
    }

    /// Reads ADD.
    func addCommand(_ node: InstructionNode) throws(Diagnostic) -> CopyCommand {
        let flags = try InstructionFlags(
            node, of: source,
            allowed: [
                "chown": .value, "chmod": .value, "link": .boolean, "checksum": .value, "keep-git-dir": .boolean,
                "unpack": .boolean, "exclude": .list,
            ])
        try refuseExclude(flags, node)
        for name in ["checksum", "keep-git-dir"] where flags.has(name) {
            throw error(
                .unsupported,
                "ADD --\(name) is for remote sources, which are not supported yet; fetch the file "
                    + "before the build or in a RUN step", node)
        }
        var copy = try files(node, flags)
        copy.unpacks = flags["unpack"] != "false"
        return copy
    }

    private func refuseExclude(_ flags: InstructionFlags, _ node: InstructionNode) throws(Diagnostic) {
        if flags.has("exclude") {
            throw error(
                .unsupported, "\(node.keyword.name) --exclude is not supported yet; name the files in .dockerignore",
                node)
        }
    }

    private func files(_ node: InstructionNode, _ flags: InstructionFlags) throws(Diagnostic) -> CopyCommand {
        let name = node.keyword.name
        var words: [ByteText]
        switch node.arguments {
        case .words(let list), .strings(let list): words = list
        default: words = []
        }
        guard words.count >= 2 else {
            throw error(.badArguments, "\(name) needs a source and a destination: \(name) source destination", node)
        }
        let destination = words.removeLast()
        if let empty = (words + [destination]).firstIndex(where: \.isEmpty) {
            throw error(
                .badArguments, "the \(empty == words.count ? "destination" : "source") of \(name) is empty", node)
        }
        guard !node.heredocs.isEmpty else { return copy(words, destination, flags) }
        guard !Heredoc.isMark(destination) else {
            throw error(
                .badArguments, "the destination of \(name) is a path, not a here-document: \(name) <<EOF destination",
                node)
        }
        for heredoc in node.heredocs { try checkName(of: heredoc, node) }
        let sources = words.filter { !Heredoc.isMark($0) }
        guard words.count - sources.count == node.heredocs.count else {
            throw error(
                .badArguments, "the word that ends a here-document of \(name) has no blanks: \(name) <<EOF destination",
                node)
        }
        var copy = copy(sources, destination, flags)
        copy.heredocs = node.heredocs
        return copy
    }

    private func copy(_ words: [ByteText], _ destination: ByteText, _ flags: InstructionFlags) -> CopyCommand {
        CopyCommand(
            sources: words, destination: destination, owner: flags.text("chown"), mode: flags.text("chmod"))
    }
}
