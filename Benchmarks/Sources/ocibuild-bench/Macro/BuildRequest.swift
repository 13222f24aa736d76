/// One build, for any builder.
struct BuildRequest {
    /// The folder with the Dockerfile.
    let context: String
    /// The image's name, in the registry where it is pushed.
    let tag: String
    /// Pushes it too.
    var pushes = false
    /// A repository of the registry to take cached steps from.
    var cacheFrom: String?
    /// One to leave them in.
    var cacheTo: String?
}
