import OCISpec

/// The list of errors in the body of a registry's refusal
/// (<https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes>).
package struct APIErrors: Sendable {
    /// One of them.
    package struct Item: Decodable, Sendable {
        /// Such as `MANIFEST_UNKNOWN`.
        package var code: String?
        /// For people.
        package var message: String?
    }

    private struct Body: Decodable {
        var errors: [Item]?
        var details: String?
        var message: String?
    }

    /// In the registry's order; may be empty.
    package let items: [Item]

    /// The errors in `body`; nil if it is something else.
    package init?(_ body: [UInt8]) {
        guard let decoded = try? CanonicalJSON.decode(Body.self, from: body) else { return nil }
        items = decoded.errors ?? [Item(code: nil, message: decoded.details ?? decoded.message)]
    }

    /// The error that says most: the first.
    package var first: Item? { items.first }
}

extension RegistryError {
    /// The error for an answer that is not the one hoped for.
    package init(refusal response: HTTPResponse, subject: String, endpoint: RegistryEndpoint) {
        let said = APIErrors(response.body)?.first
        let words = said?.message.flatMap { $0.isEmpty ? nil : RegistryError.quoted($0) }
        let isForeign = response.isForeign
        let code: String
        var next: String?
        switch response.status {
        case 401 where !isForeign:
            code = "UNAUTHORIZED"
            next = "check the name, or run: ocibuild login \(endpoint.domain)"
        case 403 where !isForeign:
            code = "DENIED"
            next = "check that this account may do it, or run: ocibuild login \(endpoint.domain)"
        case 404: code = "NOT_FOUND"
        case 413: code = "TOO_LARGE"
        case 429:
            code = "TOOMANYREQUESTS"
            next = "wait, or log in for a higher limit: ocibuild login \(endpoint.domain)"
        case 300..<400: code = "REDIRECT"
        case 500...: code = "SERVER_ERROR"
        default: code = "REFUSED"
        }
        if response.status >= 500 { next = "the fault is the registry's: try again later" }
        let fallback: String =
            switch response.status {
            case 401, 403: "the registry does not allow it"
            case 404: "the registry does not have it"
            case 413: "the registry, or a proxy before it, finds the upload too large"
            case 429: "the registry has had too many requests from here"
            case 500...: "the registry failed"
            default: "the registry refused"
            }
        let codeText = said?.code.flatMap { Self.isCode($0) ? $0 : nil }
        self.init(
            code: codeText ?? code, subject: subject, message: words.map { "\(fallback): \($0)" } ?? fallback,
            url: response.url.description, status: response.status, nextStep: next)
        retryAfter = response.headers["retry-after"].flatMap { RetryPolicy.seconds(retryAfter: $0) }
    }

    private static func isCode(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 64
            && text.utf8.allSatisfy { (0x41...0x5a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5f }
    }
}
