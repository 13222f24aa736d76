import BuildModel
import Dockerfile
import ShellText

extension ImagePlan {
    /// Appends what a step means to the stage begun last.
    func append(
        _ step: ImageStep, _ place: Place, to file: inout ComposedDockerfile
    ) throws(PlanDocumentError) {
        let origin = place.origin
        switch step {
        case .run(let action): try append(action, place, to: &file)
        case .copy(let action): try append(action, isAdd: false, place, to: &file)
        case .add(let action): try append(action, isAdd: true, place, to: &file)
        case .environment(let pairs):
            for pair in pairs { try checkVariable(pair.name, "env", place) }
            file.append(.env(pairs.map(\.composed)), origin: origin)
        case .labels(let pairs): file.append(.label(pairs.map(\.composed)), origin: origin)
        case .arguments(let arguments):
            for argument in arguments { try checkVariable(argument.name, "argument", place) }
            file.append(.argument(arguments.map(\.composed)), origin: origin)
        case .workdir(let text): file.append(.workdir(text.composed), origin: origin)
        case .user(let text): file.append(.user(text.composed), origin: origin)
        case .entrypoint(let command): file.append(.entrypoint(command.composed), origin: origin)
        case .cmd(let command): file.append(.cmd(command.composed), origin: origin)
        case .expose(let ports): file.append(.expose(ports.map(\.composed)), origin: origin)
        case .volumes(let paths): file.append(.volume(paths.map(\.composed)), origin: origin)
        case .stopSignal(let signal): file.append(.stopSignal(signal.composed), origin: origin)
        case .shell(let words): file.append(.shell(words), origin: origin)
        case .maintainer(let name): file.append(.maintainer(name), origin: origin)
        case .healthcheck(let action): append(action, origin, to: &file)
        case .onBuild(let instruction): file.append(.onBuild(instruction), origin: origin)
        case .python(let version):
            let provision: PythonProvision
            do throws(InvalidPythonVersion) {
                provision = try PythonProvision(version)
            } catch {
                throw place.error("python", error.description)
            }
            // Whoever the user is, this changes the system; PATH is for all steps after it and for the image.
            file.append(.run(.shell(provision.script), user: .literal("root")), origin: origin)
            let path = ComposedPair(.literal("PATH"), .expanding(PythonProvision.path))
            file.append(.env([path]), origin: origin)
        }
    }

    /// A variable's name has no "=", which would begin its value, and no white space.
    func checkVariable(_ name: StepText, _ key: String, _ place: Place) throws(PlanDocumentError) {
        guard case .literal(let text) = name else { return }
        if text.isEmpty { throw place.error(key, "the name of the variable is empty") }
        if let bad = text.unicodeScalars.first(where: { $0 == "=" || $0.properties.isWhitespace }) {
            let what = bad == "=" ? "an \"=\"" : "white space"
            throw place.error(key, "the name of the variable \"\(text)\" has \(what) in it")
        }
    }

    /// A file of the definition is a here-document of the Dockerfile, whose mark is its name.
    private func checkFile(_ file: ComposedFile, _ key: String, _ place: Place) throws(PlanDocumentError) {
        guard !file.isMarked else { return }
        throw place.error(
            key,
            "\(file.name.debugDescription) cannot name a file that the definition holds; choose a name without "
                + "quotes, blanks, \"<\", \"/\" and \"\\\"")
    }

    private func append(
        _ action: RunAction, _ place: Place, to file: inout ComposedDockerfile
    ) throws(PlanDocumentError) {
        var command = action.command.composed
        if case .shell(let text) = action.command {
            command = .shell(
                action.isScript ? Self.script(text) : CommandText.normalized(text, rule: action.newlines))
        }
        if let name = action.scriptName {
            try checkFile(ComposedFile(name: name, content: .expanding("")), "run.scriptName", place)
        }
        if let name = action.scriptName, case .shell(let text) = command, text.hasPrefix("#!") {
            command = .script(text, name: name)
        }
        var flags: [ComposedFlag] = []
        if action.network != .default { flags.append(ComposedFlag("network", .expanding(action.network.rawValue))) }
        for (index, mount) in action.mounts.enumerated() {
            let value = try mount.flag { (from) throws(PlanDocumentError) in
                try name(of: from, "run.mounts[\(index)].from", place)
            }
            flags.append(ComposedFlag("mount", value))
        }
        file.append(.run(command, flags: flags, user: action.user.map { .literal($0) }), origin: place.origin)
    }

    /// A script that ends at the first command that fails. One that names its interpreter is left to it.
    private static func script(_ text: String) -> String {
        text.hasPrefix("#!") ? text : CommandText.script(text)
    }

    private func append(
        _ action: CopyAction, isAdd: Bool, _ place: Place, to file: inout ComposedDockerfile
    ) throws(PlanDocumentError) {
        var flags: [ComposedFlag] = []
        if let from = action.from {
            guard !isAdd else { throw place.error("add", "takes files from the build context only; use copy") }
            flags.append(ComposedFlag("from", try name(of: from, "copy.from", place)))
        }
        let isForAdd = action.checksum != nil || action.keepsGitFolder || action.unpacks != nil
        guard isAdd || !isForAdd else {
            throw place.error("copy", "takes no checksum, kept .git folder or unpacking; use add")
        }
        let files = action.files.map { ComposedFile(name: $0.name, content: $0.content.composed) }
        for file in files { try checkFile(file, isAdd ? "add.sources" : "copy.sources", place) }
        if let owner = action.owner { flags.append(ComposedFlag("chown", owner.composed)) }
        if let mode = action.mode { flags.append(ComposedFlag("chmod", mode.composed)) }
        for pattern in action.exclude { flags.append(ComposedFlag("exclude", .expanding(pattern))) }
        if isAdd {
            if let checksum = action.checksum { flags.append(ComposedFlag("checksum", .expanding(checksum))) }
            if action.keepsGitFolder { flags.append(ComposedFlag("keep-git-dir", .expanding("true"))) }
            if let unpacks = action.unpacks { flags.append(ComposedFlag("unpack", .expanding("\(unpacks)"))) }
        }
        file.append(
            .copy(
                sources: action.sources.map(\.composed),
                files: files, destination: action.destination.composed, isAdd: isAdd,
                flags: flags), origin: place.origin)
    }

    private func append(_ action: HealthcheckAction?, _ origin: SourceOrigin?, to file: inout ComposedDockerfile) {
        guard let action else { return file.append(.healthcheck(nil), origin: origin) }
        let flags = [
            ("interval", action.interval), ("timeout", action.timeout), ("start-period", action.startPeriod),
            ("start-interval", action.startInterval), ("retries", action.retries.map(String.init)),
        ].compactMap { name, value in value.map { ComposedFlag(name, .expanding($0)) } }
        file.append(.healthcheck(action.command.composed, flags: flags), origin: origin)
    }
}

extension MountAction {
    /// The mount as RUN's flag spells it.
    func flag(
        _ name: (StepOrigin) throws(PlanDocumentError) -> ComposedWord
    ) throws(PlanDocumentError) -> ComposedWord {
        var fields = ["type=\(kind.rawValue)"]
        func add(_ key: String, _ value: StepText?) {
            guard let value else { return }
            // Variables are expanded field by field.
            let field = "\(key)=\(value.composed.wordText)"
            let needsQuotes = field.utf8.contains { $0 == 0x2C || $0 == 0x22 || $0 == 0x0A }
            let doubled = field.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
            fields.append(needsQuotes ? "\"\(doubled)\"" : field)
        }
        add("target", target)
        add("source", source)
        if let from { add("from", .literal(try name(from).text)) }
        add("id", id)
        add("readonly", isReadOnly.map { .literal("\($0)") })
        add("sharing", sharing.map { .literal($0) })
        add("uid", uid.map { .literal("\($0)") })
        add("gid", gid.map { .literal("\($0)") })
        add("mode", mode.map { .literal($0) })
        add("size", size.map { .literal($0) })
        add("required", isRequired.map { .literal("\($0)") })
        add("env", variable.map { .literal($0) })
        return .expanding(fields.joined(separator: ","))
    }
}
