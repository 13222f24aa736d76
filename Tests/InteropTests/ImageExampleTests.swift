import LinuxSystem
import TestSupport
import Testing

/// The program in the README that builds an image as a value, and the Dockerfile that says the same.
@Suite struct ImageExampleTests {
    private static let program = Path(Repository.root) / "Fixtures/image-example/main.swift"

    @Test func theReadmeShowsTheProgram() throws {
        let program = String(decoding: try FileSystem.readFile(Self.program), as: UTF8.self)
        let readme = String(decoding: try FileSystem.readFile(Path(Repository.root) / "README.md"), as: UTF8.self)
        #expect(readme.contains("```swift\n\(program)```\n"))
        #expect(program.split(separator: "\n", omittingEmptySubsequences: false).count <= 30)
    }

    @Test func itGivesTheDigestOfItsDockerfile() async throws {
        let workplace = try await Workplace.shared.value
        let folder = workplace.folder / "image-example"
        try FileSystem.makeDirectories(folder / "context")
        try FileSystem.writeFile(folder / "context/file", Array("content\n".utf8))
        let registry = try RegistryProcess()
        let name = "\(registry.host)/library/value:1"
        let printed = try await Tool.run([
            "env", "OCIBUILD_ROOT=\(workplace.folder / "store")", "OCIBUILD_INSECURE_REGISTRIES=\(registry.host)",
            "\(workplace.products / "image-example")", Workplace.base, "\(folder / "context")", name,
        ])
        let dockerfile = """
            FROM \(Workplace.base) AS tools
            RUN <<EOF
            mkdir -p /out
            echo built > /out/version
            EOF

            FROM \(Workplace.base) AS service
            WORKDIR /app
            COPY --from=tools /out/ ./
            ADD file ./
            ENV PRICE="\\$5"
            CMD ["cat", "version", "file"]

            """
        #expect(printed.hasPrefix(dockerfile))
        try FileSystem.writeFile(folder / "Dockerfile", Array(dockerfile.utf8))
        let digest = try await workplace.ocibuild([
            "build", "-q", "-f", "\(folder / "Dockerfile")", "\(folder / "context")",
        ])
        #expect(printed.hasSuffix(digest))
        let pushed = try await Tool.run(["skopeo", "inspect", "--tls-verify=false", "docker://\(name)"])
        #expect(pushed.contains(String(digest.prefix { !$0.isWhitespace })))
    }
}
