/// `ocibuild import`.
enum ImportVerb {
    static let change = Flag.option(
        "change", short: "c", .text("INSTRUCTION"), repeatable: true,
        "Apply a Dockerfile instruction of the configuration (CMD, ENV, USER, WORKDIR, …).")
    static let message = Flag.option("message", short: "m", .text("TEXT"), "A comment for the history.")
    static let compression = Flag.option(
        "compression", .choice(["none", "fast", "default", "best", "zstd"]), "How the layer is compressed.")

    static let verb = Verb(
        name: "import", chapter: .files,
        summary: "Make an image from a file tree in a tar",
        operands: [
            Verb.Operand(name: "FILE", count: 1...1, help: "The tar, compressed or not; - reads standard input."),
            Verb.Operand(name: "NAME", count: 1...1, help: "What the image shall be called."),
        ],
        flags: [CommonFlags.platform, change, message, compression] + ProgressFlags.all,
        run: run)

    static func run(_ arguments: Arguments, _ console: Console) async throws -> Int32 {
        throw CommandError("import is not connected to the library")
    }
}
