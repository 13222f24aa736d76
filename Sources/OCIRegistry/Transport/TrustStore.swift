import LinuxSystem

/// Which certificates a host's connection is checked against, and the client certificate shown to it.
package struct TrustStore: Sendable {
    /// Directories with one folder a host (`certs.d`), as Docker and Podman have them.
    package static let hostDirectories = ["/etc/containers/certs.d", "/etc/docker/certs.d"]
    /// Where distributions keep the bundle of all roots.
    private static let systemBundles = [
        "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/ssl/cert.pem",
    ]

    /// What applies to one host.
    package struct Selection: Sendable {
        /// PEM certificates of the user's own authorities together with the system's; nil = the system's alone.
        package var bundle: [UInt8]?
        /// The file with the system's roots, where one was found.
        package var systemFile: String?
        /// `SSL_CERT_DIR`, where set.
        package var systemDirectory: String?
        /// The file with the certificate that is shown to the host, PEM.
        package var clientCertificate: String?
        /// The file with its private key, PEM.
        package var clientKey: String?
        /// Names of the files that the trust comes from, for messages.
        package var sources: [String] = []
    }

    private let caBundle: String?
    private let directories: [String]
    private let environment: [String: String]

    /// `caBundle`: a PEM file trusted for every host, in addition to the system's roots.
    package init(caBundle: String?, directories: [String], environment: [String: String]) {
        self.caBundle = caBundle
        self.directories = directories
        self.environment = environment
    }

    /// Collects the files for one host (`host` or `host:port`). Throws when a file that was named cannot be read.
    package func selection(for authority: String) throws(RegistryError) -> Selection {
        var selection = Selection()
        selection.systemDirectory = environment["SSL_CERT_DIR"].flatMap { $0.isEmpty ? nil : $0 }
        let named = environment["SSL_CERT_FILE"].flatMap { $0.isEmpty ? nil : $0 }
        selection.systemFile = named ?? Self.systemBundles.first { FileSystem.exists(Path($0)) }
        if let file = selection.systemFile { selection.sources.append(file) }
        var own: [[UInt8]] = []
        if let caBundle {
            own.append(try Self.read(caBundle, why: "the CA bundle that was asked for"))
            selection.sources.append(caBundle)
        }
        for directory in directories {
            let folder = Path(directory).appending(Path(authority))
            guard authority != ".", authority != "..", !authority.contains("/"),
                let entries = try? DirectoryListing.entries(at: folder)
            else { continue }
            for name in entries.map(\.name).sorted() {
                guard let text = name.string, let file = (folder / name).string else { continue }
                if text.hasSuffix(".crt") {
                    own.append(try Self.read(file, why: "an authority for \(authority)"))
                    selection.sources.append(file)
                } else if text.hasSuffix(".cert"), selection.clientCertificate == nil {
                    let key = String(file.dropLast(5)) + ".key"
                    guard FileSystem.exists(Path(key)) else {
                        throw RegistryError(
                            code: "TLS_FILES", subject: file, message: "there is no \(key) beside this certificate",
                            nextStep: "put the private key there, or remove the certificate")
                    }
                    selection.clientCertificate = file
                    selection.clientKey = key
                }
            }
        }
        guard !own.isEmpty else { return selection }
        // An own authority is trusted in addition to the system's: corporate and public hosts are met in one build.
        if let file = selection.systemFile { own.append(try Self.read(file, why: "the system's authorities")) }
        selection.bundle = own.flatMap { $0 + [UInt8(ascii: "\n")] }
        return selection
    }

    private static func read(_ file: String, why: String) throws(RegistryError) -> [UInt8] {
        do {
            return try FileSystem.readFile(Path(file), limit: 16 << 20)
        } catch {
            throw RegistryError(
                code: "TLS_FILES", subject: file, message: "cannot read \(why): \(error)",
                nextStep: "check --ca-bundle and SSL_CERT_FILE")
        }
    }
}
