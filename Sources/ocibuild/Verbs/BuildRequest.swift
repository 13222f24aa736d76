import Codecs
import LinuxSystem
import OCIBuild
import OCISpec

/// What a `build` command line asks for, checked as far as that can be done without building.
struct BuildRequest {
    var options = BuildOptions()
    /// The folder that COPY takes files from; nil for none.
    var context: Path?
    /// The definition named on the command line; `-` is standard input, nil means to look in the context.
    var file: Word?
    /// The plan to build instead of a Dockerfile; `-` is standard input.
    var plan: Word?
    /// The image that a Python file defines, to build instead of a Dockerfile.
    var python: PythonDefinition?
    /// Tags given alone, `--tag custom-v1.0`: for the name that a Python definition has itself.
    var bareTags: [String] = []
    /// What a person should know of how the command line was understood.
    var notes: [String] = []
    var pushes = false
    var outputs: [BuildOutput] = []

    let session: Session

    init(_ session: Session) throws {
        self.session = session
        let arguments = session.arguments
        try readPlaces(arguments)
        try readResult(arguments)
        try readArguments(arguments)
        try readSteps(arguments)
        try readTimes(arguments)
    }

    private mutating func readPlaces(_ arguments: Arguments) throws {
        file = arguments.word(BuildFlags.file)
        plan = arguments.word(BuildFlags.plan)
        if plan != nil, file != nil { throw session.failure("--plan and --file name two definitions: give one") }
        var operands = try readPython(arguments)[...]
        let operand = operands.popFirst()
        if !operands.isEmpty || operand != nil && arguments.word(BuildFlags.context) != nil {
            let other = operands.isEmpty ? "--context" : "another"
            throw session.failure("the context is given twice: as an operand and as \(other)")
        }
        let place = operand ?? arguments.word(BuildFlags.context) ?? Word(".")
        try readWholeFolder(arguments, place)
        guard place != Word("-") else {
            if plan != nil {
                throw session.failure("\"-\" reads a Dockerfile from standard input; a plan is read by --plan -")
            }
            if file != nil, file != Word("-") {
                throw session.failure("\"-\" reads the definition from standard input, but --file names another")
            }
            file = Word("-")
            return
        }
        var bytes = place.bytes
        let scheme = Array("dir://".utf8)
        if bytes.starts(with: scheme) { bytes.removeFirst(scheme.count) }
        if let text = place.text, !FileSystem.exists(Path(bytes: bytes)) {
            let remote = ["http://", "https://", "git://", "git@", "ssh://", "s3://", "gs://"]
            if let prefix = remote.first(where: { text.hasPrefix($0) }) {
                throw session.failure("a context at \(prefix)… must be fetched first: the context is a folder here")
            }
        }
        context = Path(bytes: bytes)
    }

    private mutating func readResult(_ arguments: Arguments) throws {
        for text in arguments.texts(BuildFlags.tag) + arguments.texts(BuildFlags.destination) {
            if python != nil, Self.isBareTag(text) {
                _ = try session.reference("name:\(text)")
                bareTags.append(text)
                continue
            }
            let reference = try session.reference(text)
            guard reference.digest == nil else {
                throw session.failure("--tag \(TerminalText.escape(text)): a digest cannot be given as a name")
            }
            if !options.tags.contains(reference.withDefaultTag()) { options.tags.append(reference.withDefaultTag()) }
        }
        pushes = arguments.toggle(BuildFlags.push) ?? !arguments.texts(BuildFlags.destination).isEmpty
        // A plan may name its image itself.
        if pushes, options.tags.isEmpty, plan == nil, python == nil {
            throw session.failure("--push needs a name to push to: --tag NAME")
        }
        if pushes, arguments.isOn(PythonFlags.local) {
            throw session.failure("--local keeps the image on this machine, and --push pushes it: give one")
        }
        if arguments.isOn(PythonFlags.debug), arguments.isOn(ProgressFlags.quiet) {
            throw session.failure("--debug and --quiet ask for opposites: give one")
        }
        for text in arguments.texts(BuildFlags.output) { outputs.append(try OutputOption.parse(text)) }
        if let path = try session.path(BuildFlags.tarPath) {
            outputs.append(BuildOutput(kind: .docker, destination: path))
        }
        if outputs.count(where: { $0.destination == "-" }) > 1 {
            throw session.failure("only one --output can go to standard output")
        }
        // What is only pushed need not be here.
        options.completesImage = !pushes || !outputs.isEmpty
        options.compression =
            arguments.text(BuildFlags.compression).flatMap { Compression(rawValue: $0) } ?? options.compression
        options.compressionThreads = arguments.number(BuildFlags.compressionThreads) ?? 0
        options.platform = try session.platform(BuildFlags.platform)
        options.target = arguments.text(BuildFlags.target)
        for text in arguments.texts(BuildFlags.label) {
            let (name, value) = try pair(text, of: "--label")
            options.labels[name] = value ?? ""
        }
        for text in arguments.texts(BuildFlags.annotation) {
            let (name, value) = try pair(text, of: "--annotation")
            options.annotations[name] = value ?? ""
        }
    }

    /// Completes and checks what is known only once the definition was read.
    mutating func complete(with text: DefinitionText) throws {
        for tag in bareTags {
            options.tags += text.names.map { Reference(domain: $0.domain, repository: $0.repository, tag: tag) }
        }
        if pushes, options.tags.isEmpty, text.names.isEmpty {
            throw session.failure("--push needs a name to push to: --tag NAME, or one in the plan")
        }
    }

    private mutating func readArguments(_ arguments: Arguments) throws {
        for word in arguments.words(BuildFlags.buildArgFile) {
            let bytes = try FileSystem.readFile(Path(bytes: word.bytes), limit: 16 << 20)
            for (index, line) in bytes.split(separator: 10, omittingEmptySubsequences: false).enumerated() {
                guard let text = String(validating: line.last == 13 ? line.dropLast() : line, as: UTF8.self) else {
                    throw CommandError("\(word.shown):\(index + 1): the line is not valid UTF-8")
                }
                let trimmed = text.drop { $0 == " " || $0 == "\t" }
                guard !trimmed.isEmpty, !trimmed.hasPrefix("#") else { continue }
                let (name, value) = try pair(String(trimmed), of: "\(word.shown):\(index + 1)")
                options.buildArguments[name] = .some(value)
            }
        }
        for text in arguments.texts(BuildFlags.buildArg) {
            let (name, value) = try pair(text, of: "--build-arg")
            options.buildArguments[name] = .some(value)
        }
    }

    private mutating func readSteps(_ arguments: Arguments) throws {
        let isolation = try IsolationOption(session)
        options.isolation = isolation.choice
        options.minimumIsolation = isolation.minimum
        notes += isolation.notes
        options.network = arguments.text(BuildFlags.network) == "none" ? .none : .host
        for text in arguments.texts(BuildFlags.addHost) {
            // `name=address` too, as Docker has it since an address may hold colons.
            guard let mark = text.firstIndex(where: { $0 == ":" || $0 == "=" }), mark != text.startIndex,
                text.index(after: mark) != text.endIndex
            else { throw session.failure("--add-host \"\(TerminalText.escape(text))\" is not NAME:IP") }
            options.extraHosts.append("\(text[..<mark]):\(text[text.index(after: mark)...])")
        }
        for text in arguments.texts(BuildFlags.secret) {
            let (id, secret) = try SecretOption.secret(text) { session.console.variable($0) }
            options.secrets[id] = secret
        }
        for text in arguments.texts(BuildFlags.ssh) {
            let (id, socket) = try SecretOption.agent(text) { session.console.variable($0) }
            options.agents[id] = socket
        }
        options.limits = try LimitFlags.limits(session)
        options.caBundle = try session.path(RegistryFlags.caBundle)
        if arguments.toggle(BuildFlags.hostCertificates) == false, options.caBundle == nil { options.caBundle = "" }
        for text in arguments.texts(BuildFlags.baseMap) {
            guard let mapping = BaseMapping(parsing: text) else {
                throw session.failure("--base-map \"\(TerminalText.escape(text))\" is not PATTERN=IMAGE")
            }
            options.baseMap.append(mapping)
        }
        options.pythonMirror = try address(BuildFlags.pythonMirror, arguments)
        options.pythonSource = try address(BuildFlags.pythonSource, arguments)
        options.ignoreFile = try session.path(BuildFlags.ignoreFile) ?? options.ignoreFile
        notes += try CacheFlags.read(session, into: &options)
        if arguments.isOn(BuildFlags.noCache) { options.usesCache = false }
        options.pullPolicy =
            arguments.text(BuildFlags.pull).flatMap { BuildOptions.PullPolicy(rawValue: $0) } ?? .missing
    }

    /// The address of a folder on a server, without the slash at its end.
    private func address(_ flag: Flag, _ arguments: Arguments) throws -> String? {
        guard var text = arguments.text(flag) else { return nil }
        guard ["http://", "https://"].contains(where: { text.hasPrefix($0) && text.count > $0.count }) else {
            throw session.failure(
                "--\(flag.name) \"\(TerminalText.escape(text))\" is no address that begins with https://")
        }
        while text.hasSuffix("/") { text.removeLast() }
        return text
    }

    private mutating func readTimes(_ arguments: Arguments) throws {
        switch arguments.text(BuildFlags.timestamp) {
        case nil: break
        case "now": options.timestamp = .now
        case "preserve": options.timestamp = .preserve
        case let text?: options.timestamp = .seconds(try seconds(text, of: "--timestamp", others: "now, preserve or "))
        }
        if let text = arguments.text(BuildFlags.sourceDateEpoch) {
            options.sourceDateEpoch = try seconds(text, of: "--source-date-epoch")
        } else if let text = session.console.variable("SOURCE_DATE_EPOCH") {
            options.sourceDateEpoch = try seconds(text, of: "SOURCE_DATE_EPOCH")
        }
    }

    private func seconds(_ text: String, of name: String, others: String = "") throws(UsageError) -> Int64 {
        // The year 9999 is the last that RFC 3339 can write.
        guard let seconds = Int64(text), (0...253_402_300_799).contains(seconds) else {
            throw session.failure(
                "\(name): \"\(TerminalText.escape(text))\" is not \(others)a number of seconds since 1970")
        }
        return seconds
    }

    private func pair(_ text: String, of name: String) throws(UsageError) -> (name: String, value: String?) {
        let key = text.prefix { $0 != "=" }
        guard !key.isEmpty else {
            throw session.failure("\(name) \"\(TerminalText.escape(text))\" has no name before the =")
        }
        return (String(key), key.endIndex == text.endIndex ? nil : String(text[text.index(after: key.endIndex)...]))
    }
}
