import Sandboxing

extension StepSurroundings {
    /// Where the files that a step must trust are shown to it: below its private `/dev`, so that no mount point is
    /// needed in the image.
    static let folder = "/dev/.ocibuild"

    /// Variables by which tools find a certificate bundle.
    private static let bundleVariables = [
        "SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO", "NODE_EXTRA_CA_CERTS",
        "CARGO_HTTP_CAINFO", "DENO_CERT", "AWS_CA_BUNDLE",
    ]

    /// The step's own environment with what the machine lends it; whatever the step sets itself stands.
    /// - Parameter imageBundle: the bundle in the step's tree, if it has one.
    func lend(
        to environment: [String], home: String, network: Bool, imageBundle: CertificateBundle?
    ) -> (environment: [String], files: [ProvidedFile]) {
        var result = environment
        var names = Set(environment.map { String($0.prefix { $0 != "=" }) })
        func add(_ name: String, _ value: String) {
            if names.insert(name).inserted { result.append("\(name)=\(value)") }
        }
        add("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
        add("HOME", home)
        guard network else { return (result, []) }
        for variable in proxies + variables {
            let parts = variable.split(separator: "=", maxSplits: 1)
            if parts.count == 2 { add(String(parts[0]), String(parts[1])) }
        }
        guard let bundle = files.authorities(joining: imageBundle) else { return (result, []) }
        let path = "\(Self.folder)/ca.crt"
        for name in Self.bundleVariables { add(name, path) }
        // apt reads one file named by APT_CONFIG before all others, and has no variable for a bundle.
        let aptPath = "\(Self.folder)/apt.conf"
        add("APT_CONFIG", aptPath)
        return (
            result,
            [
                ProvidedFile(path: path, content: bundle.pem, mode: 0o444),
                ProvidedFile(
                    path: aptPath,
                    content: Array("Acquire::https::CAInfo \"\(path)\";\nAcquire::https::CaInfo \"\(path)\";\n".utf8),
                    mode: 0o444),
            ]
        )
    }
}
