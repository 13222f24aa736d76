/// The proxy for a host, from the environment as curl and Go read it: `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and
/// `NO_PROXY`, lower case first.
package struct ProxySettings: Sendable {
    private let environment: [String: String]

    /// Reads the variables from `environment` at each call.
    package init(environment: [String: String]) { self.environment = environment }

    /// The proxy for an origin; nil = connect directly. The machine itself is never reached through a proxy.
    package func proxy(for origin: WebAddress.Origin) -> String? {
        if AddressClass(host: origin.host) == .loopback { return nil }
        // In a CGI program HTTP_PROXY is a header of the visitor ("httpoxy").
        let allowsUpper = origin.scheme == "https" || environment["REQUEST_METHOD"] == nil
        let name = "\(origin.scheme)_proxy"
        return value(name) ?? (allowsUpper ? value(name.uppercased()) : nil) ?? value("all_proxy") ?? value("ALL_PROXY")
    }

    /// Hosts, suffixes and networks that are reached directly, in curl's syntax.
    package var exceptions: String? { value("no_proxy") ?? value("NO_PROXY") }

    private func value(_ name: String) -> String? {
        guard let value = environment[name], !value.isEmpty else { return nil }
        return value
    }
}
