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
        flags: [output, format, CommonFlags.platform] + ProgressFlags.all,
        run: run)

    static func run(_ arguments: Arguments, _ console: Console) async throws -> Int32 {
        throw CommandError("save is not connected to the library")
    }
}
