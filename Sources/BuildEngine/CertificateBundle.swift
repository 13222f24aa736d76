import LinuxSystem

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
