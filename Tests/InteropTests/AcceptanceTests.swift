import LinuxSystem
import OCISpec
import TestSupport
import Testing

/// Other tools take what we push and save as they would take anybody's image.
@Suite struct AcceptanceTests {
    /// An image with what is hard to carry: whiteouts, hard links, capabilities, odd names.
    private static let dockerfile = """
        FROM \(Workplace.base)
        RUN echo shared > /first && ln /first /second && ln -s first /soft && mkfifo /pipe
        RUN rm /etc/motd && rm -r /var/lib/base && mkdir /var/lib/base && touch "$(printf '/odd-\\377')"
        COPY --chown=app:extra --chmod=4750 program /program
        ENV GREETING="hello there"
        USER app
        WORKDIR /home/app
        ENTRYPOINT ["/bin/sh", "-c"]
        CMD ["echo $GREETING"]
        LABEL made.by=ocibuild

        """

    private func build(_ name: String, _ options: [String]) async throws -> (Workplace, Path) {
        let workplace = try await Workplace.shared.value
        let folder = workplace.folder / Path("acceptance-\(name)")
        try FileSystem.makeDirectories(folder / "context")
        try FileSystem.writeFile(folder / "context/Dockerfile", Array(Self.dockerfile.utf8))
        try FileSystem.writeFile(folder / "context/program", Array("#!/bin/sh\n".utf8))
        let arguments = ["build", "--progress", "plain"] + options
        try await workplace.ocibuild(
            arguments.map { $0.replacing("FOLDER", with: "\(folder)") } + ["\(folder / "context")"])
        return (workplace, folder)
    }

    @Test(arguments: ["default", "fast", "best", "zstd", "none"])
    func aRegistryAndItsReaders(compression: String) async throws {
        let workplace = try await Workplace.shared.value
        let registry = try RegistryProcess()
        let image = "\(registry.host)/team/app:1"
        let (_, folder) = try await build(
            "push-\(compression)",
            ["--compression", compression, "--insecure", registry.host, "-t", image, "--push"])

        let inspected = folder / "inspected.json"
        let said = try await Tool.run(["skopeo", "inspect", "--tls-verify=false", "docker://\(image)"])
        try FileSystem.writeFile(inspected, Array(said.utf8))
        let json = try JSONValue(reading: inspected)
        #expect(json["Labels"]?["made.by"]?.text == "ocibuild")
        #expect(json["Layers"]?.elements?.count == 4)

        try await workplace.buildah(["pull", "-q", "--tls-verify=false", "docker://\(image)"])
        let container = try await workplace.buildah(["from", "--pull-never", image])
            .prefix(while: { !$0.isWhitespace })
        let printed = try await workplace.buildah(
            [
                "run", "--isolation", "chroot", "\(container)", "--", "/bin/sh", "-c",
                "id -u; pwd; echo $GREETING; ls /etc",
            ])
        #expect(printed.split(separator: "\n").prefix(3) == ["1000", "/home/app", "hello there"])
        #expect(!printed.contains("motd"))
        try await workplace.buildah(["rm", "\(container)"])
    }

    @Test(arguments: ["default", "fast", "none"])
    func aLayoutAndItsReaders(compression: String) async throws {
        let (workplace, folder) = try await build(
            "layout-\(compression)",
            [
                "--compression", compression, "-t", "localhost/layout:\(compression)", "-o",
                "type=oci,dest=FOLDER/layout/",
            ])
        try await Tool.run(["skopeo", "copy", "-q", "oci:\(folder)/layout", "oci:\(folder)/copy:1"])
        try await Tool.run(["umoci", "unpack", "--image", "\(folder)/copy:1", "\(folder)/bundle"])
        let status = try FileSystem.status(folder / "bundle/rootfs/program")
        #expect(status.mode == 0o4750)
        #expect([status.uid, status.gid] == [1000, 2000])
        #expect(try FileSystem.status(folder / "bundle/rootfs/first").links == 2)
        #expect(!FileSystem.exists(folder / "bundle/rootfs/etc/motd"))
        #expect(!FileSystem.exists(folder / "bundle/rootfs/var/lib/base/file"))
        #expect(FileSystem.exists(folder / "bundle/rootfs" / Path(bytes: Array("odd-".utf8) + [0xFF])))

        // Every layer is a tar that bsdtar reads to its end.
        let index = try JSONValue(reading: folder / "layout/index.json")
        func blob(_ descriptor: JSONValue?) -> Path {
            folder / "layout/blobs/sha256" / Path((descriptor?["digest"]?.text ?? "").dropFirst("sha256:".count))
        }
        let layers = try JSONValue(reading: blob(index["manifests"]?[0]))["layers"]?.elements ?? []
        #expect(layers.count == 4)
        for layer in layers {
            #expect(try await !Tool.run(["bsdtar", "-tf", "\(blob(layer))"]).isEmpty)
        }
        _ = workplace
    }

    @Test func archives() async throws {
        let (workplace, folder) = try await build("archives", ["-t", "localhost/archived:1"])
        for format in ["oci", "docker"] {
            let file = folder / Path("\(format).tar")
            try await workplace.ocibuild(["save", "--format", format, "-o", "\(file)", "localhost/archived:1"])
            let names = try await Tool.run(["bsdtar", "-tf", "\(file)"]).split(separator: "\n")
            #expect(names.contains(format == "oci" ? "index.json" : "manifest.json"))
            let said = try await Tool.run(["skopeo", "inspect", "--config", "\(format)-archive:\(file)"])
            #expect(said.contains("GREETING=hello there"))
        }
    }

    @Test(.conformance) func whatWeWriteHoldsAgainstTheSchemas() async throws {
        let schemas = try ConformanceData.path("image-spec-schema")
        let (workplace, folder) = try await build(
            "schemas", ["-t", "localhost/schemas:1", "-o", "type=oci,dest=FOLDER/layout/"])
        let script = "\(Repository.root)/Fixtures/interop/validate.py"
        // The exported layout, and the store itself, which holds every image of this run.
        for layout in [folder / "layout", workplace.folder / "store"] {
            let checked = try await Tool.run(["/usr/bin/python3", script, "\(schemas)", "\(layout)"])
            for schema in ["image-layout", "image-index", "image-manifest", "config"] {
                #expect(checked.contains("\(schema)-schema.json: "))
            }
        }
        // And the check can fail.
        let index = String(decoding: try FileSystem.readFile(folder / "layout/index.json"), as: UTF8.self)
        let broken = index.replacing("sha256:", with: "sha256-")
        try FileSystem.writeFile(folder / "layout/index.json", Array(broken.utf8))
        let outcome = try await Tool.attempt(["/usr/bin/python3", script, "\(schemas)", "\(folder / "layout")"])
        #expect(outcome.status == 1)
    }
}
