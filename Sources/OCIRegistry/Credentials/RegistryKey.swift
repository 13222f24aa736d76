/// How registries are named in credential files: by host, by address, and for Docker Hub by several of both.
enum RegistryKey {
    /// The name that Docker uses for its own registry in files and towards credential helpers.
    static let dockerHubAddress = "https://index.docker.io/v1/"

    /// The plain form of a key: `host[:port][/path]`, Docker Hub as `docker.io`.
    static func normalized(_ key: String) -> String {
        var rest = key[...]
        for scheme in ["https://", "http://"] where rest.hasPrefix(scheme) { rest = rest.dropFirst(scheme.count) }
        while rest.hasSuffix("/") { rest = rest.dropLast() }
        var parts = rest.split(separator: "/", maxSplits: 1).map(String.init)
        guard let host = parts.first else { return "" }
        if parts.count == 2, parts[1] == "v1" || parts[1] == "v2" { parts.removeLast() }
        if ["index.docker.io", "registry-1.docker.io"].contains(host) { parts[0] = "docker.io" }
        return parts.joined(separator: "/")
    }

    /// What to look for, best first: the repository, each of the folders above it, the registry.
    static func candidates(registry: String, repository: String?) -> [String] {
        let host = normalized(registry)
        var parts = (repository ?? "").split(separator: "/")
        var result: [String] = []
        while !parts.isEmpty {
            result.append("\(host)/\(parts.joined(separator: "/"))")
            parts.removeLast()
        }
        return result + [host]
    }

    /// The key to write, and to say to a helper.
    static func written(_ registry: String) -> String {
        let host = normalized(registry)
        return host == "docker.io" ? dockerHubAddress : host
    }
}
