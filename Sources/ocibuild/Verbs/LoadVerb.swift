import LinuxSystem
import OCIBuild
import OCIContent
import OCISpec

/// `ocibuild load`.
enum LoadVerb {
    static let input = Flag.option("input", short: "i", .path("PATH"), "The archive or folder.")
    static let name = Flag.option("name", .text("NAME"), "What to call an image that comes without a name.")

    static let verb = Verb(
        name: "load", chapter: .files,
        summary: "Take in images from an archive or an OCI layout",
        operands: [
            Verb.Operand(
                name: "PATH", count: 0...1, help: "The archive or folder. Default: --input, else standard input.")
        ],
        flags: [input, name, CommonFlags.json] + ProgressFlags.all,
        run: run)

    /// One image for `--json`.
    struct Row: Encodable {
        let name: String?
        let digest: Digest
    }

    static func run(_ arguments: Arguments, _ console: Console) async throws -> Int32 {
        let session = Session("load", arguments, console)
        if arguments.word(input) != nil, !arguments.operands.isEmpty {
            throw session.failure("the archive is given twice: as an operand and as --input")
        }
        let given = try arguments.text(name).map { try session.reference($0).withDefaultTag() }
        let builder = try session.builder()
        let place = arguments.operands.first ?? arguments.word(input) ?? Word("-")
        let images = try await session.watching { report in
            try await InputFile.opened(place, beside: builder.store) { path in
                try await builder.load(path, report: report)
            }
        }
        var rows: [Row] = []
        for image in images {
            if image.reference == nil, let given { try await builder.store.tag(image.manifest, as: given) }
            rows.append(Row(name: (image.reference ?? given)?.description, digest: image.manifest.digest))
        }
        if arguments.isOn(CommonFlags.json) {
            try console.print(json: rows)
        } else {
            for row in rows { console.print(TerminalText.escape(row.name ?? row.digest.description)) }
        }
        return ExitStatus.success
    }
}
