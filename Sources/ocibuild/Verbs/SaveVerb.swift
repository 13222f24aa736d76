import Glibc
import OCIBuild
import OCISpec

/// `ocibuild save`.
enum SaveVerb {
    static let output = Flag.option(
        "output", short: "o", .path("PATH"),
        "Where to; a path that ends in / is a folder (an OCI layout). Default: standard output.")
    static let format = Flag.option(
        "format", .choice(["oci", "docker"]), "An OCI archive, or one for `docker load` (the default).")

    static let verb = Verb(
        name: "save", chapter: .files,
        summary: "Write images to an archive or a folder",
        operands: [
            Verb.Operand(name: "NAME", count: 1...Int.max, help: "The image.")
        ],
        flags: [output, format],
        run: run)

    static func run(_ arguments: Arguments, _ console: Console) async throws -> Int32 {
        let session = Session("save", arguments, console)
        let names = try arguments.operandTexts(of: "save")
        let destination = try session.path(output).flatMap { $0 == "-" ? nil : $0 }
        if destination == nil, isatty(1) == 1 {
            throw session.failure("an archive is nothing for a terminal: give --output, or redirect standard output")
        }
        let isFolder = destination?.hasSuffix("/") == true
        if isFolder, arguments.text(format) == "docker" {
            throw session.failure("--format docker is an archive: give --output a file, not a folder")
        }
        let builder = try session.builder()
        var references: [Reference] = []
        for name in names {
            let found = try await LocalImages(builder: builder, session: session).find(name)
            guard let reference = found.reference else {
                throw session.failure("\(name): an archive lists images by name; give one")
            }
            references.append(reference.withDefaultTag())
        }
        if isFolder, let destination {
            try await builder.save(references, toLayout: destination)
        } else {
            try await builder.save(
                references, to: destination ?? "-", format: arguments.text(format) == "oci" ? .oci : .docker)
        }
        return ExitStatus.success
    }
}
