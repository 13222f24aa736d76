import Codecs
import LinuxSystem
import OCIBuild

/// `ocibuild import`.
enum ImportVerb {
    static let change = Flag.option(
        "change", short: "c", .text("INSTRUCTION"), repeatable: true,
        "Apply a Dockerfile instruction of the configuration (CMD, ENV, USER, WORKDIR, …).")
    static let compression = Flag.option(
        "compression", .choice(Compression.allCases.map(\.rawValue)), "How the layer is compressed.")

    static let verb = Verb(
        name: "import", chapter: .files,
        summary: "Make an image from a file tree in a tar",
        operands: [
            Verb.Operand(name: "FILE", count: 1...1, help: "The tar, compressed or not; - reads standard input."),
            Verb.Operand(name: "NAME", count: 1...1, help: "What the image shall be called."),
        ],
        flags: [CommonFlags.platform, change, compression],
        examples: [
            (
                line: "mmdebstrap --variant=minbase bookworm - | ocibuild import - debian:bookworm",
                meaning: "A base image from Debian's packages."
            )
        ],
        run: run)

    static func run(_ arguments: Arguments, _ console: Console) async throws -> Int32 {
        let session = Session("import", arguments, console)
        let operands = try arguments.operandTexts(of: "import")
        let reference = try session.reference(operands[1])
        guard reference.digest == nil else {
            throw session.failure("\(operands[1]): a digest cannot be given as a name")
        }
        guard operands[0] == "-" || FileSystem.exists(Path(operands[0])) else {
            throw CommandError("there is no file \"\(operands[0])\"")
        }
        do {
            let image = try await session.builder().importTree(
                operands[0], as: reference, changes: arguments.texts(change),
                platform: session.platform(CommonFlags.platform),
                compression: arguments.text(compression).flatMap { Compression(rawValue: $0) } ?? .default)
            console.print(image.digest.description)
        } catch let error as CodecError {
            throw CommandError("\(operands[0] == "-" ? "standard input" : operands[0]): \(error)")
        }
        return ExitStatus.success
    }
}
