import LinuxSystem
import OCIBuild
import OCISpec

/// `ocibuild push`.
enum PushVerb {
    static let digestFile = Flag.option(
        "digest-file", aliases: ["digestfile"], .path("FILE"), "Write the manifest's digest.")

    static let verb = Verb(
        name: "push", chapter: .registries,
        summary: "Send an image to a registry",
        operands: [
            Verb.Operand(name: "NAME", count: 1...1, help: "The image here."),
            Verb.Operand(name: "DESTINATION", count: 0...1, help: "The name there. Default: the same."),
        ],
        flags: [digestFile, CommonFlags.json] + RegistryFlags.all + ProgressFlags.all,
        run: run)

    static func run(_ arguments: Arguments, _ console: Console) async throws -> Int32 {
        let session = Session("push", arguments, console)
        let names = try arguments.operandTexts(of: "push")
        let source = try session.reference(names[0])
        let target = try session.reference(names.last ?? names[0]).withDefaultTag()
        let builder = try session.builder(registries: [target])
        // Looked for here first, so that a misspelt name gets a helpful answer.
        _ = try await LocalImages(builder: builder, session: session).find(names[0])
        let manifest = try await session.watching { report in
            try await builder.push(source, to: target, report: report)
        }
        if let file = arguments.word(digestFile) {
            try FileSystem.writeFile(Path(bytes: file.bytes), Array(manifest.digest.description.utf8))
        }
        try MovedImage.print([MovedImage(name: target.description, digest: manifest.digest)], arguments, console)
        return ExitStatus.success
    }
}
