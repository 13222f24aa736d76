import Catalogue
import Codecs
import OCISpec
import Testing

/// What tests of catalogues begin with.
enum Bench {
    static let repository = Reference(domain: "registry.test", repository: "images/examples/catalogue")
    static let content = Descriptor(mediaType: .ociManifest, digest: .sha256(of: [1]), size: 1)

    /// When a writer gives up: not because the machine is busy with other tests.
    static let unlimited: Duration = .seconds(86_400)

    static func user(_ name: String = "examples") throws -> CatalogueUser {
        try CatalogueUser(name: name, displayName: "Beaker Examples", registry: "registry.test/images")
    }

    /// A catalogue as one machine sees it. Pauses are short: nothing here is far away. One that is `rude` lets nobody
    /// finish.
    static func catalogue(
        _ registry: SimulatedRegistry, _ faults: SimulatedRegistry.Faults = .init(), cache: CatalogueCache? = nil,
        rude: Bool = false
    ) -> WorkspaceCatalogue {
        var pace = WriterPace()
        pace.patience = .milliseconds(rude ? -1000 : 4)
        pace.longestPause = .milliseconds(rude ? 3 : 40)
        pace.deadline = unlimited
        return WorkspaceCatalogue(log: CatalogueLog(repository, in: registry.client(faults), cache: cache, pace: pace))
    }

    /// The catalogue of a writer that waits for nothing.
    static func catalogue(in store: any TagStore) -> WorkspaceCatalogue {
        var pace = WriterPace()
        pace.patience = .seconds(-1)
        pace.longestPause = .zero
        pace.deadline = unlimited
        return WorkspaceCatalogue(log: CatalogueLog(repository, in: store, pace: pace))
    }
}

/// The error that the body throws, if it is one of a catalogue.
func catalogueError(_ body: () async throws -> Void) async -> CatalogueError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? CatalogueError
    }
}
