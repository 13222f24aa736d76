import CCurl

/// An absolute http or https address. It is taken apart by the parser that libcurl connects with, so that the host that
/// was checked is the host that is talked to.
package struct WebAddress: Hashable, Sendable, CustomStringConvertible {
    /// Where an address leads: credentials never leave the origin they were given for.
    package struct Origin: Hashable, Sendable {
        /// `http` or `https`.
        package let scheme: String
        /// The host in lower case; an IPv6 address in brackets.
        package let host: String
        /// The port, also when it is the scheme's own.
        package let port: Int

        /// An origin of known parts.
        package init(scheme: String, host: String, port: Int) {
            self.scheme = scheme
            self.host = host
            self.port = port
        }

        /// `host` or `host:port`, the port only where it is not the scheme's own.
        package var authority: String {
            port == (scheme == "https" ? 443 : 80) ? host : "\(host):\(port)"
        }
    }

    /// Scheme, host and port.
    package let origin: Origin
    /// The path and query as they go on the wire, beginning with "/".
    package let target: String

    /// Parses an absolute address, or one relative to `base`. Refuses every scheme but http and https, and any user
    /// information.
    package init(parsing text: String, relativeTo base: WebAddress? = nil) throws(RegistryError) {
        func refusal(_ reason: String) -> RegistryError {
            RegistryError(code: "BAD_URL", subject: Self.withoutSecrets(text), message: reason)
        }
        try CurlLibrary.load()
        guard let handle = ccurl_url() else { throw refusal("no memory to parse an address") }
        defer { ccurl_url_cleanup(handle) }
        if let base {
            guard ccurl_url_set(handle, CURLUPART_URL, base.text, 0) == CURLUE_OK else {
                throw refusal("is relative to an address that is not one")
            }
        }
        let flags = UInt32(CCURL_URL_DISALLOW_USER)
        let code = ccurl_url_set(handle, CURLUPART_URL, text, flags)
        guard code != CURLUE_USER_NOT_ALLOWED else { throw refusal("an address with a user name in it is refused") }
        guard code == CURLUE_OK else {
            throw refusal("is not a valid address (\(String(cString: ccurl_url_strerror(code))))")
        }
        guard ccurl_url_set(handle, CURLUPART_FRAGMENT, nil, 0) == CURLUE_OK else { throw refusal("bad fragment") }

        func part(_ part: CURLUPart) -> String? {
            var value: UnsafeMutablePointer<CChar>?
            guard ccurl_url_get(handle, part, &value, UInt32(CCURL_URL_DEFAULT_PORT)) == CURLUE_OK, let value
            else { return nil }
            defer { ccurl_free(value) }
            return String(cString: value)
        }
        guard part(CURLUPART_USER) == nil, part(CURLUPART_PASSWORD) == nil else {
            throw refusal("an address with a user name in it is refused")
        }
        guard let scheme = part(CURLUPART_SCHEME)?.lowercased(), scheme == "http" || scheme == "https" else {
            throw refusal("only http and https addresses are accepted")
        }
        guard let host = part(CURLUPART_HOST)?.lowercased(), !host.isEmpty,
            let port = part(CURLUPART_PORT).flatMap(Int.init)
        else { throw refusal("has no host") }
        origin = Origin(scheme: scheme, host: host, port: port)
        target = (part(CURLUPART_PATH) ?? "/") + (part(CURLUPART_QUERY).map { "?\($0)" } ?? "")
    }

    /// An address at a known origin. `target` must be escaped already and begin with "/".
    package init(origin: Origin, target: String) {
        self.origin = origin
        self.target = target
    }

    /// The address as it is given to libcurl.
    package var text: String { "\(origin.scheme)://\(origin.authority)\(target)" }

    /// The address without its query, which may carry a signature: this is what messages show.
    package var description: String {
        "\(origin.scheme)://\(origin.authority)\(target.prefix { $0 != "?" })"
    }

    /// This address with one more item in its query. The item must be escaped already; what is there is kept.
    package func adding(query item: String) -> WebAddress {
        let separator = target.contains("?") ? (target.hasSuffix("?") || target.hasSuffix("&") ? "" : "&") : "?"
        return WebAddress(origin: origin, target: target + separator + item)
    }

    /// The same path and query at another origin.
    package func moved(to origin: Origin) -> WebAddress { WebAddress(origin: origin, target: target) }

    /// `text` with every byte but unreserved ones (RFC 3986, 2.3) as %XX, fit for a query value.
    package static func escaped(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let hex = String(byte, radix: 16, uppercase: true)
                result += hex.count == 1 ? "%0\(hex)" : "%\(hex)"
            }
        }
        return result
    }

    /// An address of unknown shape for a message: no query, no user information, no control characters.
    private static func withoutSecrets(_ text: String) -> String {
        var visible = String(text.prefix { $0 != "?" && $0 != "#" })
        if let scheme = visible.firstRange(of: "://") {
            let rest = visible[scheme.upperBound...]
            let authority = rest.prefix { $0 != "/" }
            if let at = authority.lastIndex(of: "@") {
                visible = String(visible[..<scheme.upperBound]) + rest[rest.index(after: at)...]
            }
        }
        return RegistryError.quoted(visible, limit: 200)
    }
}
