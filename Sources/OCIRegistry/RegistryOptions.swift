import Glibc

/// How to talk to registries.
public struct RegistryOptions: Sendable {
    /// Hosts (`HOST` or `HOST:PORT`, or `*`) that are spoken to over plain http: `--plain-http HOST`.
    public var plainHTTPHosts: Set<String> = []
    /// Hosts (`HOST` or `HOST:PORT`, or `*`) whose certificate is not checked, and that may turn out to speak plain
    /// http: `--insecure HOST`, Docker's `insecure-registries`.
    public var insecureHosts: Set<String> = []
    /// A PEM file with authorities to trust in addition to the system's: `--ca-bundle FILE`.
    public var caBundle: String?
    /// Directories with a folder for each host (`ca.crt`, `client.cert`, `client.key`).
    public var certificateDirectories: [String]
    /// Where credentials come from.
    public var credentials: any CredentialProvider = AnonymousCredentials()
    /// The User-Agent field.
    public var userAgent = "ocibuild"
    /// How often one operation is tried in all when the network or the registry fails.
    public var attempts = 5
    /// The pause before the second try, in seconds; it doubles from try to try.
    public var firstPause: Double = 0.5
    /// The longest pause, also when the registry asks for more, in seconds.
    public var longestPause: Double = 30
    /// When a transfer counts as stalled.
    public var timeouts = TransportTimeouts()
    /// Proxies and `SSL_CERT_FILE` are read from here.
    public var environment: [String: String]

    /// The defaults, with the environment of the process.
    public init() {
        certificateDirectories = TrustStore.hostDirectories
        environment = Self.processEnvironment
    }

    /// The environment of this process.
    public static var processEnvironment: [String: String] {
        var result: [String: String] = [:]
        var next = environ
        while let entry = next.pointee {
            let text = String(cString: entry)
            if let equals = text.firstIndex(of: "=") {
                result[String(text[..<equals])] = String(text[text.index(after: equals)...])
            }
            next += 1
        }
        return result
    }
}
