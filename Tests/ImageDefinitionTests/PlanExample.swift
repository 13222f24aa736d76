import LinuxSystem

/// Files of `Fixtures`.
enum PlanExample {
    private static let fixtures = Path(
        "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/Fixtures")

    /// The example that has every kind of step.
    static func suite() throws -> [UInt8] { try file("plan/examples/nlp-suite.json") }

    static func file(_ name: String) throws -> [UInt8] { try FileSystem.readFile(fixtures / Path(name)) }

    /// The Dockerfiles that are also built beside buildah, by name.
    static let dockerfiles: [String] = {
        let entries = (try? DirectoryListing.entries(at: fixtures / "dockerfiles")) ?? []
        return entries.compactMap(\.name.string).sorted()
    }()
}
