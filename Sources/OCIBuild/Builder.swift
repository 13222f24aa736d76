import Glibc
import LinuxSystem
import OCIContent
import OCIRegistry
import OCISpec
import Sandboxing

/// Builds images and moves them between the store and registries. One value serves a whole program; several, and
/// several processes, may share a store.
///
/// ```swift
/// let builder = try Builder()
/// let build = builder.start(.dockerfile(path: "Dockerfile"), context: ".")
/// for await event in build.events { print(event) }
/// print(try await build.result.digest)
/// ```
public struct Builder: Sendable {
    /// The store: an OCI image layout, with snapshots and step records beside the blobs.
    public let store: LocalStore
    /// The store's folder.
    public let root: String
    /// Talks to registries.
    public let registry: RegistryClient
    /// The environment that is read for proxies, certificate bundles and ARG values.
    public let environment: [String: String]

    /// Opens the store in the folder `root`, making it where there is none.
    /// - Parameters:
    ///   - root: nil for `OCIBUILD_ROOT`, else what ``defaultRoot(_:)`` finds.
    ///   - registry: how registries are reached; by default with the credentials of the usual configuration files.
    public init(
        root: String? = nil, registry: RegistryOptions? = nil,
        environment: [String: String] = RegistryOptions.processEnvironment
    ) throws {
        let root = Self.absolute(root ?? Self.defaultRoot(environment))
        self.root = root
        self.environment = environment
        store = try LocalStore(root: Path(root))
        self.registry = RegistryClient(options: registry ?? Self.defaultRegistryOptions(environment))
    }

    /// Where a folder is whatever becomes of the working directory: an overlay is mounted in another.
    private static func absolute(_ folder: String) -> String {
        guard !Path(folder).isAbsolute, let here = try? FileSystem.canonical(".") else { return folder }
        return (here / Path(folder)).string ?? folder
    }

    /// Keeps what an operation reads and writes from being pruned meanwhile. Waits for a prune that runs.
    func lease() async throws -> StoreLease {
        try await BlockingPool.shared.run { [store] in try store.lease() }
    }

    /// Where the store is when nobody says: `OCIBUILD_ROOT`, else for root `/var/lib/ocibuild`, for others
    /// `$XDG_DATA_HOME/ocibuild` or `$HOME/.local/share/ocibuild`, and where none of these can be written,
    /// `/var/tmp/ocibuild-UID` or the same in `TMPDIR` or `/tmp`.
    public static func defaultRoot(_ environment: [String: String]) -> String {
        StorePlace.ofHost(environment, user: NamespaceEntry.outerUser)
    }

    /// Registry options with the credentials that Docker's and containers' configuration files hold, and plain HTTP for
    /// the hosts that `OCIBUILD_INSECURE_REGISTRIES` lists.
    public static func defaultRegistryOptions(_ environment: [String: String]) -> RegistryOptions {
        var options = RegistryOptions()
        options.environment = environment
        options.credentials = DockerConfig(environment: environment)
        let insecure = environment["OCIBUILD_INSECURE_REGISTRIES"] ?? ""
        options.plainHTTPHosts = Set(insecure.split(separator: ",").map { $0.filter { $0 != " " } })
        return options
    }
}
