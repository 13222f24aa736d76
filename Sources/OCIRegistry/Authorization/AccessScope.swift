/// What a request needs to be allowed: always the least that does.
package struct AccessScope: Hashable, Sendable {
    /// What is done to a repository.
    package enum Actions: String, Sendable {
        /// Reading.
        case pull
        /// Reading and writing.
        case push = "pull,push"
        /// Removal.
        case delete = "pull,delete"
    }

    /// The repository; nil for the registry as a whole.
    package var repository: String?
    /// What is done to it.
    package var actions: Actions
    /// A second repository that a blob is mounted from: read only.
    package var mountSource: String?

    /// A scope with its parts.
    package init(repository: String?, actions: Actions, mountSource: String? = nil) {
        self.repository = repository
        self.actions = actions
        self.mountSource = mountSource
    }

    /// The scopes in the words of the token protocol.
    package var texts: [String] {
        guard let repository else { return [] }
        return ["repository:\(repository):\(actions.rawValue)"] + (mountSource.map { ["repository:\($0):pull"] } ?? [])
    }
}
