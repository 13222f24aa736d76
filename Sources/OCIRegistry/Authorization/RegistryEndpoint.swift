/// One registry: the name users give it and the server behind that name.
package struct RegistryEndpoint: Hashable, Sendable {
    /// As in references and credential files: `docker.io`, `localhost:5000`.
    package let domain: String
    /// Where its API lives.
    package let origin: WebAddress.Origin
    /// Whether the user waived the check of its certificate, and plain http where it has none.
    package let isInsecure: Bool

    /// The endpoint of a domain. Plain http only for the hosts in `plainHTTP`: not even for the machine itself
    /// otherwise, because a name that resolves to it today may not tomorrow. `*` in either set stands for every host.
    package init(domain: String, plainHTTP: Set<String>, insecure: Set<String>) throws(RegistryError) {
        let host = domain == "docker.io" || domain == "index.docker.io" ? "registry-1.docker.io" : domain
        func listed(_ hosts: Set<String>) -> Bool {
            hosts.contains("*") || hosts.contains(domain) || hosts.contains(host)
        }
        let scheme = listed(plainHTTP) ? "http" : "https"
        let address = try WebAddress(parsing: "\(scheme)://\(host)/v2/")
        guard address.target == "/v2/", !host.contains("/") else {
            throw RegistryError(
                code: "BAD_URL", subject: RegistryError.quoted(domain), message: "is not a registry's host",
                nextStep: "write HOST or HOST:PORT")
        }
        self.domain = domain == "index.docker.io" ? "docker.io" : domain
        origin = address.origin
        isInsecure = listed(insecure)
    }
}
