/// `ocibuild images`.
enum ImagesVerb {
    static let quiet = Flag.toggle("quiet", short: "q", "Print only digests.")
    static let digests = Flag.toggle("digests", "Show digests in full.")

    static let verb = Verb(
        name: "images", aliases: ["ls"], chapter: .images,
        summary: "List the images kept here",
        operands: [
            Verb.Operand(name: "NAME", count: 0...1, help: "Only names that contain this.")
        ],
        flags: [quiet, digests, CommonFlags.json],
        run: run)

    static func run(_ arguments: Arguments, _ console: Console) async throws -> Int32 {
        throw CommandError("images is not connected to the library")
    }
}
