import OCIBuild
import OCIContent
import OCIRegistry
import OCISpec

/// `ocibuild inspect`.
enum InspectVerb {
    static let remote = Flag.toggle("remote", "Ask the image's registry instead of the local store.")
    static let raw = Flag.toggle("raw", "Print the manifest's own bytes.")
    static let configuration = Flag.toggle("config", "Print the configuration's own bytes.")

    static let verb = Verb(
        name: "inspect", chapter: .images,
        summary: "Show what an image is, as JSON",
        operands: [
            Verb.Operand(name: "NAME", count: 1...Int.max, help: "The image, by name or digest.")
        ],
        flags: [remote, raw, configuration, CommonFlags.json, CommonFlags.platform] + RegistryFlags.all,
        run: run)

    static func run(_ arguments: Arguments, _ console: Console) async throws -> Int32 {
        let session = Session("inspect", arguments, console)
        let names = try arguments.operandTexts(of: "inspect")
        let platform = try session.platform(CommonFlags.platform)
        var all: [ImageReport] = []
        for name in names {
            let (source, root, known) = try await open(name, session)
            if arguments.isOn(raw) {
                console.print(bytes: try await source.bytes(of: root))
            } else if arguments.isOn(configuration) {
                let descriptor = try await source.manifestDescriptor(in: root, for: platform)
                console.print(bytes: try await source.bytes(of: source.manifest(of: descriptor).config))
            } else {
                all.append(try await ImageReport(root, in: source, platform: platform, names: known))
            }
        }
        if !arguments.isOn(raw), !arguments.isOn(configuration) {
            try console.print(json: all, pretty: !arguments.isOn(CommonFlags.json))
        }
        return ExitStatus.success
    }

    private static func open(
        _ name: String, _ session: Session
    ) async throws -> (source: any BlobSource, root: Descriptor, names: [String]) {
        if session.arguments.isOn(remote) {
            let reference = try session.reference(name).withDefaultTag()
            let repository = try session.builder(registries: [reference]).registry.repository(reference)
            return (repository, try await repository.resolve(reference), [reference.familiar])
        }
        let builder = try session.builder()
        let store = builder.store
        let root = try await LocalImages(builder: builder, session: session).find(name).descriptor
        let names = try store.references().filter { $0.descriptor.digest == root.digest }.map(\.reference.familiar)
        return (store, root, names)
    }
}
