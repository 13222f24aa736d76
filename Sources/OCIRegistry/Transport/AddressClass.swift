import Glibc

/// What kind of network an IP address belongs to. An answer from a registry may name another server; these are the ones
/// that it has no business sending us to (instance metadata services above all).
package enum AddressClass: Hashable, Sendable {
    /// Not an IP address: a name.
    case name
    /// An address that anyone may route to.
    case global
    /// RFC 1918, RFC 4193 and carrier-grade NAT addresses.
    case `private`
    /// The machine itself.
    case loopback
    /// 169.254.0.0/16 and fe80::/10, where clouds keep their metadata services.
    case linkLocal
    /// 0.0.0.0, ::, multicast and broadcast.
    case unspecified

    /// Classifies a host as written in an address: a name, an IPv4 address, or an IPv6 address in or out of brackets.
    package init(host: String) {
        let bare = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
        let withoutZone = String(bare.prefix { $0 != "%" })
        var four = in_addr()
        var six = in6_addr()
        if inet_pton(AF_INET, withoutZone, &four) == 1 {
            self = Self(four: withUnsafeBytes(of: &four) { Array($0) })
        } else if inet_pton(AF_INET6, withoutZone, &six) == 1 {
            self = Self(six: withUnsafeBytes(of: &six) { Array($0) })
        } else {
            self = host == "localhost" || host.hasSuffix(".localhost") ? .loopback : .name
        }
    }

    private init(four bytes: [UInt8]) {
        switch (bytes[0], bytes[1]) {
        case (127, _): self = .loopback
        case (169, 254): self = .linkLocal
        case (0, _), (224..., _): self = .unspecified
        case (10, _), (172, 16...31), (192, 168), (100, 64...127): self = .private
        default: self = .global
        }
    }

    private init(six bytes: [UInt8]) {
        let upper = bytes[0..<10].allSatisfy { $0 == 0 }
        if upper, bytes[10] == bytes[11], bytes[10] == 0xff || bytes[10] == 0 {
            // ::, ::1, IPv4-mapped and the obsolete IPv4-compatible addresses.
            switch Array(bytes[12...]) {
            case [0, 0, 0, 0]: self = .unspecified
            case [0, 0, 0, 1] where bytes[10] == 0: self = .loopback
            default: self = Self(four: Array(bytes[12...]))
            }
        } else if bytes[0] == 0xfe, bytes[1] & 0xc0 == 0x80 {
            self = .linkLocal
        } else if bytes[0] & 0xfe == 0xfc {
            self = .private
        } else {
            self = bytes[0] == 0xff ? .unspecified : .global
        }
    }

    /// Whether a server at `registryHost` may send us to `host`: always to itself; never to the machine itself, a
    /// metadata service or an unusable address; to a private address only from one.
    package static func mayLead(from registryHost: String, to host: String) -> Bool {
        if host == registryHost { return true }
        switch AddressClass(host: host) {
        case .name, .global: return true
        case .private: return [.private, .loopback].contains(AddressClass(host: registryHost))
        case .loopback: return AddressClass(host: registryHost) == .loopback
        case .linkLocal, .unspecified: return false
        }
    }
}
