import BuildEngine
import LinuxSystem
import OCIBuild
import OCISpec

/// `ocibuild build`.
enum BuildVerb {
    static let verb = Verb(
        name: "build", aliases: ["bud"], chapter: .images,
        summary: "Build an image from a Dockerfile, a Python file or a plan",
        details: [
            "PATH is the build context: the folder that COPY and ADD take files from. Files that its .dockerignore names are left out.",
            "IMAGE is read by the machine's python3 (OCIBUILD_PYTHON names another), with the modules chutes.image and chutes.chute that ocibuild brings. It may be an Image, a Chute, or a function that returns one and needs no arguments. The image's own name is what it is tagged; a --tag without a name, as custom-v1.0, replaces its tag alone.",
            "The digest of what was built is printed on standard output; progress goes to standard error.",
        ],
        operands: [
            Verb.Operand(
                name: "IMAGE", count: 0...1,
                help:
                    "An image that a Python file defines: FILE.py:NAME, MODULE:NAME, or FILE.py where it has one image."
            ),
            Verb.Operand(
                name: "PATH", count: 0...1,
                help:
                    "The context. Default: the current folder. - reads the definition from standard input, with no context."
            ),
        ],
        flags: BuildFlags.all,
        examples: [
            (line: "ocibuild build -t registry.example/app:1 --push .", meaning: "Build and push."),
            (
                line: "ocibuild build --target test -o type=dir,dest=out .",
                meaning: "Build one stage and write its files to a folder."
            ),
            (line: "ocibuild build image.py:image", meaning: "Build what a Python file defines."),
            (line: "ocibuild build -q --iidfile id .", meaning: "Print nothing but the digest."),
        ],
        handlesTrees: true,
        run: run)

    /// What `--metadata-file` holds, under the names that buildx uses.
    struct Metadata: Encodable {
        let configDigest: Digest
        let descriptor: Descriptor
        let digest: Digest
        let name: String?

        enum CodingKeys: String, CodingKey {
            case configDigest = "containerimage.config.digest"
            case descriptor = "containerimage.descriptor"
            case digest = "containerimage.digest"
            case name = "image.name"
        }
    }

    static func run(_ arguments: Arguments, _ console: Console) async throws -> Int32 {
        let session = Session("build", arguments, console)
        var asked = try BuildRequest(session)
        let text = try await DefinitionText.wanted(by: asked)
        try asked.complete(with: text)
        let request = asked
        for note in request.notes { console.note("ocibuild: note: " + TerminalText.escapeLines(note)) }
        let builder = try session.builder(registries: request.options.tags.isEmpty ? text.names : request.options.tags)
        let image: BuiltImage
        do {
            image = try await session.watching { report in
                let image = try await builder.build(
                    text.definition, context: try contextText(request.context), options: request.options,
                    report: report)
                for output in request.outputs { try await builder.export(image, to: output) }
                if request.pushes {
                    for tag in image.tags { try await builder.push(tag, report: report) }
                }
                return image
            }
        } catch let error as StepError {
            return report(error, of: text, console)
        }
        try writeFiles(image, arguments)
        // Where the image itself goes to standard output, its digest would be in the way.
        if !request.outputs.contains(where: { $0.destination == "-" }) { console.print(image.digest.description) }
        return ExitStatus.success
    }

    private static func contextText(_ context: Path?) throws -> String? {
        guard let context else { return nil }
        guard let text = context.string else {
            throw CommandError("the context's path \"\(context)\" is not valid UTF-8")
        }
        return text
    }

    private static func writeFiles(_ image: BuiltImage, _ arguments: Arguments) throws {
        func write(_ bytes: [UInt8], to flag: Flag) throws {
            guard let word = arguments.word(flag) else { return }
            try FileSystem.writeFile(Path(bytes: word.bytes), bytes)
        }
        try write(Array(image.config.digest.description.utf8), to: BuildFlags.iidfile)
        try write(Array(image.digest.description.utf8), to: BuildFlags.digestFile)
        let metadata = Metadata(
            configDigest: image.config.digest, descriptor: image.manifest, digest: image.digest,
            name: image.tags.isEmpty ? nil : image.tags.map(\.description).joined(separator: ","))
        if arguments.word(BuildFlags.metadataFile) != nil {
            try write(CanonicalJSON.encode(metadata) + [UInt8(ascii: "\n")], to: BuildFlags.metadataFile)
        }
    }

    /// Says which step failed and how; the result is the exit status, which is the command's own where one failed.
    static func report(_ error: StepError, of text: DefinitionText, _ console: Console) -> Int32 {
        if error.cause is CancellationError { return OCIBuildCommand.report(CancellationError(), console) }
        let excerpt = error.lines.map {
            SourceExcerpt(name: text.name, bytes: text.bytes, lines: $0, origin: error.origin)
        }
        let failure = error.cause as? BuildFailure
        var output = StepOutput()
        _ = output.feed(failure?.output ?? [], isError: false)
        _ = output.finish()
        let report = FailureReport(
            heading: error.step.heading, output: output.recent, excerpt: excerpt, message: error.description)
        console.note(report.render(style: console.style).joined(separator: "\n"))
        return failure?.status ?? ExitStatus.builder
    }
}
