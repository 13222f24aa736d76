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

    static func run(_ arguments: Arguments, _ console: Console) async throws -> Int32 {
        throw CommandError("load is not connected to the library")
    }
}
