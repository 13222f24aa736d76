import Catalogue
import Glibc
import LinuxSystem
import OCISpec
import Sandboxing

/// Where a catalogue of images is, and who uses it.
///
/// They are read from a configuration file, in JSON:
///
/// ```json
/// {
///   "registry": "registry.example/images",
///   "workspace": "examples",
///   "user": {"name": "examples", "display_name": "Beaker Examples"}
/// }
/// ```
public struct CatalogueSettings: Sendable, Hashable {
    /// The registry's host, and the path below which the workspaces are, if any.
    public var registry: String?
    /// The workspace that names without one belong to; nil for the one called like the user.
    public var workspace: String?
    /// The name of whoever creates, renames and deletes; nil for the name that the machine knows them by.
    public var user: String?
    /// The user's name for people; nil for the same.
    public var displayName: String?

    /// Settings of these parts.
    public init(
        registry: String? = nil, workspace: String? = nil, user: String? = nil, displayName: String? = nil
    ) {
        self.registry = registry
        self.workspace = workspace
        self.user = user
        self.displayName = displayName
    }

    /// What the configuration file and the environment say: `OCIBUILD_REGISTRY`, `OCIBUILD_WORKSPACE` and
    /// `OCIBUILD_USER`, else the file that `OCIBUILD_CONFIG` names, else
    /// `$XDG_CONFIG_HOME/ocibuild/config.json` and, for what that leaves out, `/etc/ocibuild/config.json`.
    public init(environment: [String: String]) throws {
        for path in Self.files(environment) {
            let isNamed = environment["OCIBUILD_CONFIG"].map { !$0.isEmpty } ?? false
            guard FileSystem.exists(Path(path)) else {
                guard isNamed else { continue }
                throw CatalogueError(
                    .notConfigured, path, "OCIBUILD_CONFIG names this file, which is not there: write it, or unset that"
                )
            }
            try complete(from: path)
        }
        func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        registry = variable("OCIBUILD_REGISTRY") ?? registry
        workspace = variable("OCIBUILD_WORKSPACE") ?? workspace
        if let name = variable("OCIBUILD_USER") {
            // A display name belongs to the name that it stands beside.
            if name != user { displayName = nil }
            user = name
        }
    }

    /// The configuration files, the most important first.
    public static func files(_ environment: [String: String]) -> [String] {
        if let named = environment["OCIBUILD_CONFIG"], !named.isEmpty { return [named] }
        return [ownFile(environment), "/etc/ocibuild/config.json"]
    }

    /// Where a user's own settings are.
    public static func ownFile(_ environment: [String: String]) -> String {
        if let named = environment["OCIBUILD_CONFIG"], !named.isEmpty { return named }
        let folder = environment["XDG_CONFIG_HOME"].flatMap { $0.isEmpty ? nil : $0 }
        return (folder ?? (environment["HOME"] ?? "") + "/.config") + "/ocibuild/config.json"
    }

    private struct Document: Decodable {
        struct User: Decodable {
            let name: String
            let displayName: String?

            enum CodingKeys: String, CodingKey {
                case name
                case displayName = "display_name"
            }

            init(from decoder: any Decoder) throws {
                if let name = try? decoder.singleValueContainer().decode(String.self) {
                    self.name = name
                    displayName = nil
                    return
                }
                let container = try decoder.container(keyedBy: CodingKeys.self)
                name = try container.decode(String.self, forKey: .name)
                displayName = try container.decodeIfPresent(String.self, forKey: .displayName)
            }
        }

        let registry: String?
        let workspace: String?
        let user: User?
    }

    private mutating func complete(from path: String) throws {
        let document: Document
        do {
            document = try CanonicalJSON.decode(Document.self, from: FileSystem.readFile(Path(path), limit: 1 << 20))
        } catch let error as SpecError {
            throw CatalogueError(.notConfigured, path, "is no configuration: \(error)")
        }
        registry = registry ?? document.registry
        workspace = workspace ?? document.workspace
        if user == nil {
            user = document.user?.name
            displayName = document.user?.displayName
        }
    }

    /// The name that the machine knows this process's user by.
    static func loginName(_ environment: [String: String]) -> String {
        if let entry = getpwuid(NamespaceEntry.outerUser), let name = entry.pointee.pw_name {
            return String(cString: name)
        }
        return environment["USER"] ?? environment["LOGNAME"] ?? "user-\(NamespaceEntry.outerUser)"
    }
}
