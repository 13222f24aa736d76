import LinuxSystem
import OCIBuild
import Synchronization
import TestSupport
import Testing

@Suite("The catalogue, from a program")
struct ImageCatalogueTests {
    private static func options(_ registry: RegistryProcess) -> RegistryOptions {
        var options = RegistryOptions()
        options.plainHTTPHosts = [registry.host]
        options.environment = [:]
        return options
    }

    @Test("What one program creates, another finds and pulls under a name of its own")
    func twoPrograms() async throws {
        let registry = try RegistryProcess()
        let settings = CatalogueSettings(
            registry: "\(registry.host)/images", workspace: "team", user: "ann", displayName: "Ann")
        let workshop = try await Workshop(registry: Self.options(registry))
        let catalogue = try ImageCatalogue(workshop.builder, settings: settings)
        let image = try await catalogue.create("small", from: "base", description: "A base.", readme: "# Base\n")
        #expect(image.committed != nil && image.author.displayName == "Ann" && image.originalTag == "base")

        let other = try await Workshop(registry: Self.options(registry))
        let theirs = try ImageCatalogue(
            other.builder, settings: CatalogueSettings(registry: "\(registry.host)/images/", user: "bob"))
        #expect(theirs.workspace == "bob")
        #expect(try await theirs.find("team/small") == image)
        #expect(try await theirs.images() == [])
        let name = try Reference(parsing: "theirs:1")
        let pulled = try await theirs.pull(image, as: name)
        #expect(pulled.isNew && pulled.name == name)
        #expect(pulled.manifest.digest == image.content?.digest)
        #expect(try await !theirs.pull(image, as: name).isNew)
        #expect(try await other.record("FROM theirs:1\nRUN echo works\n").output == "works\n")

        let warnings = Mutex<[String]>([])
        _ = try await theirs.pull(image, as: name, platform: Platform(parsing: "linux/s390x")) { event in
            if case .warning(let text) = event { warnings.withLock { $0.append(text) } }
        }
        #expect(warnings.withLock { $0.map { $0.contains("not for linux/s390x") } } == [true])

        let renamed = try await theirs.rename(image, to: "little")
        #expect(try await catalogue.find("little") == renamed && renamed.author == image.author)
        guard case .removed = try await catalogue.delete(renamed) else {
            Issue.record("this registry removes what it is asked to")
            return
        }
        await #expect(throws: CatalogueError.self) { try await theirs.find(image.id.text) }
        let place = theirs.repository(of: image)
        await #expect(throws: RegistryError.self) {
            try await other.builder.registry.repository(place).resolve(place)
        }
    }

    @Test("Where the registry goes away midway, it is said that the name stays taken")
    func registryGoes() async throws {
        let registry = Mutex<RegistryProcess?>(nil)
        let (host, usual) = try registry.withLock { registry in
            let process = try RegistryProcess()
            registry = process
            return (process.host, Self.options(process))
        }
        var options = usual
        options.attempts = 1
        let workshop = try await Workshop(registry: options)
        let catalogue = try ImageCatalogue(
            workshop.builder, settings: CatalogueSettings(registry: "\(host)/images", user: "ann"))
        let left = Mutex<[String]>([])
        await #expect(throws: RegistryError.self) {
            _ = try await catalogue.create("small", from: "base") { event in
                switch event {
                case .named: registry.withLock { $0 = nil }
                case .left(let image): left.withLock { $0.append(image.name) }
                default: break
                }
            }
        }
        #expect(left.withLock { $0 } == ["small"])
    }

    @Test("Settings: the environment before the file, the own file before the machine's")
    func settings() throws {
        let folder = try TemporaryDirectory()
        try FileSystem.makeDirectories(folder.path / "ocibuild")
        let text =
            #"{"registry": "r.example/x", "workspace": "w", "user": {"name": "u", "display_name": "U"}, "other": 1}"#
        try FileSystem.writeFile(folder.path / "ocibuild/config.json", Array(text.utf8))
        var environment = ["XDG_CONFIG_HOME": "\(folder.path)", "HOME": "/nowhere"]
        #expect(
            try CatalogueSettings(environment: environment)
                == CatalogueSettings(registry: "r.example/x", workspace: "w", user: "u", displayName: "U"))
        environment["OCIBUILD_WORKSPACE"] = "other"
        environment["OCIBUILD_USER"] = "v"
        #expect(
            try CatalogueSettings(environment: environment)
                == CatalogueSettings(registry: "r.example/x", workspace: "other", user: "v"))
        environment["OCIBUILD_CONFIG"] = "\(folder.path)/absent"
        let absent = #expect(throws: CatalogueError.self) { try CatalogueSettings(environment: environment) }
        #expect(absent?.code == .notConfigured && absent?.description.contains("OCIBUILD_CONFIG") == true)
    }
}
