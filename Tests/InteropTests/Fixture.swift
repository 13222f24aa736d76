import LinuxSystem
import Testing

/// A Dockerfile with its context, from `Fixtures/dockerfiles`.
///
/// Beside both may lie `options`, flags for either builder, one word a line, and `prepare`, a script that makes
/// in the context what a checkout cannot hold (owners, odd modes, archives). Neither is part of the context.
struct Fixture: Sendable, CustomTestStringConvertible {
    let name: String

    var testDescription: String { name }

    static let folder = Path(Repository.root) / "Fixtures/dockerfiles"

    /// All of them, by name.
    static let all: [Fixture] = {
        let entries = (try? DirectoryListing.entries(at: folder)) ?? []
        return entries.compactMap(\.name.string).sorted().map(Fixture.init)
    }()

    /// Copies the fixture to `context` and prepares it; returns the flags to build it with.
    func prepare(in context: Path) async throws -> [String] {
        try await Tool.run(["cp", "-a", "--no-preserve=ownership", "\(Self.folder / Path(name))", "\(context)"])
        let script = context / "prepare"
        if FileSystem.exists(script) {
            try await Tool.run(["sh", "-euc", "cd \"$1\" && . ./prepare && rm prepare", "sh", "\(context)"])
        }
        let options = context / "options"
        guard FileSystem.exists(options) else { return [] }
        let words = String(decoding: try FileSystem.readFile(options), as: UTF8.self)
        try FileSystem.unlink(options)
        return words.split(separator: "\n").map(String.init)
    }
}
