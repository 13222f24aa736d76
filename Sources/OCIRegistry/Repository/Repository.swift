import OCISpec

/// One repository of a registry.
public final class Repository: Sendable {
    let client: RegistryClient
    let session: RegistrySession
    /// The repository's path in the registry, such as `library/python`.
    public let name: String

    init(client: RegistryClient, session: RegistrySession, name: String) {
        self.client = client
        self.session = session
        self.name = name
    }
}
