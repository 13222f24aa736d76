/// What the machine lends to a RUN step while it runs, and what must never be found in the image: name resolution,
/// certificate authorities, proxies.
package struct StepSurroundings: Sendable {
    /// Proxy variables of the builder's own environment, which programs look for in both cases.
    package static let proxyNames = ["HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY"]

    /// The machine's own files, read when the first command is run.
    let files: HostFiles
    /// What the author of the build added to `/etc/hosts`, as `name:address`: part of the step, unlike the machine's own.
    package var extraHosts: [String]
    /// Proxy variables as `NAME=value`.
    package var proxies: [String]
    /// Further variables as `NAME=value` by which the builder's user directs the steps, such as a mirror's address.
    package var variables: [String]

    /// What this machine has: its resolver, its hosts file with `extraHosts` (`name:address`) added, the proxies of
    /// `environment`, and `variables`.
    package static func ofHost(
        environment: [String: String], authorities: HostFiles.Authorities, extraHosts: [String] = [],
        variables: [String] = []
    ) -> StepSurroundings {
        let proxies = proxyNames.flatMap { [$0, $0.lowercased()] }.compactMap { name in
            environment[name].map { "\(name)=\($0)" }
        }
        return StepSurroundings(
            files: HostFiles(authorities), extraHosts: extraHosts, proxies: proxies, variables: variables)
    }

    /// Content of `/etc/resolv.conf` during a step.
    var resolvConf: [UInt8] { files.content.resolvConf }

    /// Content of `/etc/hosts` during a step.
    var hosts: [UInt8] {
        var hosts = files.content.hosts
        if hosts.isEmpty { hosts = Self.isolatedHosts }
        if hosts.last != UInt8(ascii: "\n") { hosts.append(UInt8(ascii: "\n")) }
        for pair in extraHosts {
            let parts = pair.split(separator: pair.contains("=") ? "=" : ":", maxSplits: 1)
            if parts.count == 2 { hosts.append(contentsOf: "\(parts[1])\t\(parts[0])\n".utf8) }
        }
        return hosts
    }

    /// The hosts file of a step without network.
    static let isolatedHosts = Array("127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n".utf8)
}
