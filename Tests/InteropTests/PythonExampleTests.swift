import LinuxSystem
import TestSupport
import Testing

/// The Python program in the README, which builds and pushes what the Swift program beside it does.
@Suite struct PythonExampleTests {
    private static let program = Path(Repository.root) / "Fixtures/python-example/program.py"

    @Test func theReadmeShowsTheProgram() throws {
        let program = String(decoding: try FileSystem.readFile(Self.program), as: UTF8.self)
        let readme = String(decoding: try FileSystem.readFile(Path(Repository.root) / "README.md"), as: UTF8.self)
        #expect(readme.contains("```python\n\(program)```\n"))
        #expect(program.split(separator: "\n", omittingEmptySubsequences: false).count <= 30)
    }

    @Test func bothGiveOneDigest() async throws {
        let workplace = try await Workplace.shared.value
        let folder = workplace.folder / "python-example"
        try FileSystem.makeDirectories(folder / "context")
        try FileSystem.writeFile(folder / "context/file", Array("content\n".utf8))
        let registry = try RegistryProcess()
        // A store of its own: what a command wrote has the time at which it did, and another test may do the same now.
        let base = "\(registry.host)/base:1"
        try await workplace.ocibuild(["tag", Workplace.base, base])
        try await workplace.ocibuild(["push", "-q", "--plain-http", registry.host, base])
        func run(_ words: [String], _ tag: String) async throws -> String {
            let name = "\(registry.host)/library/\(tag):1"
            let printed = try await Tool.run(
                [
                    "env", "OCIBUILD_ROOT=\(folder / "store")",
                    "OCIBUILD_INSECURE_REGISTRIES=\(registry.host)",
                    "OCIBUILD=\(workplace.products / "ocibuild")", "PYTHONDONTWRITEBYTECODE=1",
                    "PYTHONPATH=\(Repository.root)/Sources/CChutes",
                ] + words + [base, "\(folder / "context")", name])
            let pushed = try await Tool.run(["skopeo", "inspect", "--tls-verify=false", "docker://\(name)"])
            let digest = try #require(printed.split(separator: "\n").last)
            #expect(digest.hasPrefix("sha256:") && pushed.contains(digest), "\(printed)")
            return printed
        }
        let swift = try await run(["\(workplace.products / "image-example")"], "swift")
        let python = try await run(["python3", "\(Self.program)"], "python")
        // Both print the Dockerfile, then the digest.
        #expect(python == swift)
    }
}
