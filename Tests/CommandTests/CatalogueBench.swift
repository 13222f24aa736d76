import LinuxSystem
import TestSupport
import Testing

/// A bench whose user has a catalogue: configured as a user would, called through links named `docker` and `beaker`.
struct CatalogueBench {
    let bench: CommandBench
    let registry: RegistryProcess

    init(_ registry: RegistryProcess, configuration: String? = nil) throws {
        bench = try CommandBench()
        self.registry = registry
        let folder = bench.folder.path
        try FileSystem.makeDirectories(folder / "bin")
        for name in ["docker", "beaker", "ocibuild"] {
            try FileSystem.symlink(target: CommandBench.binary(), at: folder / "bin" / Path(name))
        }
        try FileSystem.makeDirectories(folder / "home/.config/ocibuild")
        let text =
            configuration ?? """
                {
                  "registry": "\(registry.host)/ai2-beaker-core",
                  "user": {"name": "examples", "display_name": "Beaker Examples"}
                }
                """
        try FileSystem.writeFile(folder / "home/.config/ocibuild/config.json", Array(text.utf8))
    }

    /// Runs a line of shell.
    func run(_ line: String) async throws -> CommandBench.Outcome {
        try await bench.script(
            "export PATH=\"$WORK/bin:$PATH\" OCIBUILD_INSECURE_REGISTRIES=\(registry.host)\n\(line)")
    }

    /// Runs a line of shell that must succeed, and returns what it prints.
    @discardableResult
    func succeed(_ line: String, sourceLocation: SourceLocation = #_sourceLocation) async throws -> String {
        let outcome = try await run(line)
        #expect(outcome.status == 0, "\(line)\n\(outcome)", sourceLocation: sourceLocation)
        return outcome.output
    }

    /// A folder with an image that counts the words of a text, on a base that the registry has.
    func makeWordcount() async throws {
        try await bench.importBase()
        let folder = bench.folder.path / "wordcount"
        try FileSystem.makeDirectories(folder)
        let base = "\(registry.host)/library/base:1"
        try await succeed("docker tag \(CommandBench.base) \(base) && docker push -q \(base)")
        let dockerfile = """
            FROM \(base)
            COPY text /text
            RUN echo 'busybox wc -w </text' >/bin/wordcount && busybox chmod +x /bin/wordcount
            CMD ["wordcount"]

            """
        try FileSystem.writeFile(folder / "Dockerfile", Array(dockerfile.utf8))
        let text = "one two three four\nfive six seven eight\nnine ten eleven twelve\n"
        try FileSystem.writeFile(folder / "text", Array(text.utf8))
    }
}
