/// What is measured of each workload, in this order.
enum BuildPhase: String, CaseIterable {
    /// The base is here and unpacked, nothing is cached. (Kaniko keeps nothing, and fetches it.)
    case cold
    /// The same again.
    case unchanged
    /// One small file of the context differs.
    case changed
    /// The image to a repository that has nothing of it yet.
    case push
    /// On an empty disk, a build of `FROM image` and `RUN true`: fetched, verified, unpacked.
    case pull
    /// On an empty disk, with the cache that another machine left in a registry and one file changed: built and pushed.
    case remote

    /// For tables.
    var title: String {
        switch self {
        case .cold: "cold"
        case .unchanged: "unchanged"
        case .changed: "one file changed"
        case .push: "push"
        case .pull: "pull and unpack"
        case .remote: "empty disk, remote cache, push"
        }
    }
}
