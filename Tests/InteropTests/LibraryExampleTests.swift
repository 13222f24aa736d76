import LinuxSystem
import TestSupport
import Testing

/// The program in the README is one that runs.
@Suite struct LibraryExampleTests {
    private static let program = Path(Repository.root) / "Fixtures/library-example/main.swift"

    @Test func theReadmeShowsTheProgram() throws {
        let program = String(decoding: try FileSystem.readFile(Self.program), as: UTF8.self)
        let readme = String(decoding: try FileSystem.readFile(Path(Repository.root) / "README.md"), as: UTF8.self)
        #expect(readme.contains("```swift\n\(program)```\n"))
        #expect(program.split(separator: "\n", omittingEmptySubsequences: false).count <= 30)
    }

    @Test func itBuildsPushesAndInspects() async throws {
        let workplace = try await Workplace.shared.value
        let folder = workplace.folder / "library-example"
        try FileSystem.makeDirectories(folder / "context")
        let dockerfile = "FROM \(Workplace.base)\nRUN echo built > /built\nCOPY file /\nCMD [\"cat\", \"/file\"]\n"
        try FileSystem.writeFile(folder / "context/Dockerfile", Array(dockerfile.utf8))
        try FileSystem.writeFile(folder / "context/file", Array("content\n".utf8))
        let registry = try RegistryProcess()
        let name = "\(registry.host)/library/example:1"
        let run = [
            "env", "OCIBUILD_ROOT=\(workplace.folder / "store")", "OCIBUILD_INSECURE_REGISTRIES=\(registry.host)",
            "\(workplace.products / "library-example")", "\(folder / "context")", name,
        ]
        let first = try await Tool.run(run)
        #expect(first.contains("sha256:"))
        #expect(first.contains("3 layers, runs [\"cat\", \"/file\"]"))
        let second = try await Tool.run(run)
        #expect(second.contains("from the cache"))
        let inspected = try await Tool.run(["skopeo", "inspect", "--config", "--tls-verify=false", "docker://\(name)"])
        #expect(inspected.contains("\"Cmd\""))
    }
}
