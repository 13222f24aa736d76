import LinuxSystem
import Testing

/// A Dockerfile with its context, from `Fixtures/rungs`, that gives the same image on every rung.
struct RungFixture: Sendable, CustomTestStringConvertible {
    /// How alike the images are.
    enum Likeness: String, Sendable {
        /// The steps are deterministic: the same DiffIDs on root, userns and single, and the same tree on chroot.
        case bytes
        /// Packages write logs and caches: the same tree everywhere, but for what is accepted.
        case trees
    }

    let name: String
    let likeness: Likeness
    /// The images that it starts from, without "localhost/" and tag.
    let bases: Set<String>

    var testDescription: String { name }

    static let folder =
        Path("/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")) / "Fixtures/rungs"

    /// All of them, by name.
    static let all: [RungFixture] = {
        let entries = (try? DirectoryListing.entries(at: folder)) ?? []
        return entries.filter { $0.type == .directory }.compactMap(\.name.string).sorted().compactMap(RungFixture.init)
    }()

    /// Nil where the folder has no Dockerfile, or one whose first line does not say how alike its images are.
    private init?(_ name: String) {
        guard let bytes = try? FileSystem.readFile(Self.folder / Path(name) / "Dockerfile") else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        let prefix = "# compare: "
        guard let first = text.split(separator: "\n").first, first.hasPrefix(prefix),
            let likeness = Likeness(rawValue: String(first.dropFirst(prefix.count)))
        else { return nil }
        self.name = name
        self.likeness = likeness
        bases = Set(
            text.split(whereSeparator: { " \n=".contains($0) }).compactMap { word in
                guard word.hasPrefix("localhost/") else { return nil }
                return String(word.dropFirst("localhost/".count).prefix(while: { $0 != ":" }))
            })
    }
}
