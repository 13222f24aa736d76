import Glibc
import LinuxSystem

/// What the machine lends to a RUN step while it runs, and what must never be found in the image: name resolution,
/// certificate authorities, proxies.
package struct StepSurroundings: Sendable {
    /// Proxy variables of the builder's own environment, which programs look for in both cases.
    package static let proxyNames = ["HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY"]

    /// Content of `/etc/resolv.conf` during a step.
    package var resolvConf: [UInt8]
    /// Content of `/etc/hosts` during a step.
    package var hosts: [UInt8]
    /// What the author of the build added to it, as `name:address`: part of the step, unlike the machine's own.
    package var extraHosts: [String]
    /// Proxy variables as `NAME=value`.
    package var proxies: [String]
    /// Further variables as `NAME=value` by which the builder's user directs the steps, such as a mirror's address.
    package var variables: [String] = []
    /// Certificate authorities in PEM that steps shall trust beside the image's own; nil for none.
    package var authorities: CertificateBundle?

    /// Surroundings made of these parts.
    package init(
        resolvConf: [UInt8], hosts: [UInt8], extraHosts: [String] = [], proxies: [String],
        authorities: CertificateBundle?
    ) {
        self.resolvConf = resolvConf
        self.hosts = hosts
        self.extraHosts = extraHosts
        self.proxies = proxies
        self.authorities = authorities
    }

    /// What this machine has: its resolver, its hosts file with `extraHosts` (`name:address`) added, the proxies of
    /// `environment`, and `variables`.
    package static func ofHost(
        environment: [String: String], authorities: CertificateBundle?, extraHosts: [String] = [],
        variables: [String] = []
    ) -> StepSurroundings {
        var hosts = (try? FileSystem.readFile("/etc/hosts", limit: 1 << 20)) ?? []
        if hosts.isEmpty { hosts = isolatedHosts }
        if hosts.last != UInt8(ascii: "\n") { hosts.append(UInt8(ascii: "\n")) }
        for pair in extraHosts {
            let parts = pair.split(separator: pair.contains("=") ? "=" : ":", maxSplits: 1)
            if parts.count == 2 { hosts.append(contentsOf: "\(parts[1])\t\(parts[0])\n".utf8) }
        }
        let proxies = proxyNames.flatMap { [$0, $0.lowercased()] }.compactMap { name in
            environment[name].map { "\(name)=\($0)" }
        }
        var surroundings = StepSurroundings(
            resolvConf: (try? FileSystem.readFile("/etc/resolv.conf", limit: 1 << 20)) ?? [], hosts: hosts,
            extraHosts: extraHosts, proxies: proxies, authorities: authorities)
        surroundings.variables = variables
        return surroundings
    }

    /// The hosts file of a step without network.
    static let isolatedHosts = Array("127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n".utf8)
}

/// Certificates in PEM, as tools keep them in one file.
package struct CertificateBundle: Sendable, Equatable {
    /// Where distributions keep the bundle, in the order in which it is looked for.
    package static let usualPlaces: [Path] = [
        "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem",
        "/etc/ssl/ca-bundle.pem", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    ]

    /// The file's content.
    package let pem: [UInt8]

    /// A bundle of this content.
    package init(pem: [UInt8]) { self.pem = pem }

    /// The machine's own bundle: what `SSL_CERT_FILE` names, else the first of the usual places.
    package static func ofHost(environment: [String: String]) -> CertificateBundle? {
        let named = environment["SSL_CERT_FILE"].map { [Path($0)] } ?? []
        for place in named + usualPlaces {
            if let pem = try? FileSystem.readFile(place, limit: 16 << 20), !pem.isEmpty {
                return CertificateBundle(pem: pem)
            }
        }
        return nil
    }

    /// How many certificates it holds.
    package var count: Int { certificates.count }

    /// The base64 text of each certificate, white space removed.
    var certificates: [[UInt8]] {
        var found: [[UInt8]] = []
        var current: [UInt8]?
        for line in pem.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
            if line.starts(with: "-----BEGIN ".utf8) {
                current = []
            } else if line.starts(with: "-----END ".utf8) {
                if let certificate = current, !certificate.isEmpty { found.append(certificate) }
                current = nil
            } else {
                current?.append(contentsOf: line.filter { $0 != 0x20 && $0 != 0x09 })
            }
        }
        return found
    }

    /// The image's certificates with those of this bundle that it lacks, or nil where it lacks none.
    func adding(to image: CertificateBundle?) -> CertificateBundle? {
        guard let image else { return self }
        let known = Set(image.certificates)
        let missing = certificates.filter { !known.contains($0) }
        guard !missing.isEmpty else { return nil }
        var pem = image.pem
        if pem.last != 0x0A { pem.append(0x0A) }
        for certificate in missing {
            pem.append(contentsOf: "-----BEGIN CERTIFICATE-----\n".utf8)
            var rest = certificate[...]
            while !rest.isEmpty {
                pem.append(contentsOf: rest.prefix(64))
                pem.append(0x0A)
                rest = rest.dropFirst(64)
            }
            pem.append(contentsOf: "-----END CERTIFICATE-----\n".utf8)
        }
        return CertificateBundle(pem: pem)
    }
}
