import OCIContent

/// What went wrong between us and a registry.
public struct RegistryError: Error, Sendable, CustomStringConvertible, AbsenceReport {
    /// A stable code: the registry's own where it gave one (`MANIFEST_UNKNOWN`, `UNAUTHORIZED`, `DENIED`, …), else one
    /// of ours (`CONNECTION_REFUSED`, `DNS`, `TLS`, `TIMEOUT`, `DIGEST_MISMATCH`, …).
    public var code: String
    /// What was asked for: a reference, a digest or a host.
    public var subject: String
    /// What happened, in plain words.
    public var message: String
    /// The address of the request without query and user information, where there was a request.
    public var url: String?
    /// The HTTP status, where there was an answer.
    public var status: Int?
    /// What to try next, where we know.
    public var nextStep: String?
    /// Seconds after which the registry wants to be asked again.
    package var retryAfter: Double?

    /// An error with its parts.
    public init(
        code: String, subject: String, message: String, url: String? = nil, status: Int? = nil, nextStep: String? = nil
    ) {
        self.code = code
        self.subject = subject
        self.message = message
        self.url = url
        self.status = status
        self.nextStep = nextStep
    }

    /// Whether the registry answered that it has no such thing.
    package var saysAbsent: Bool { status == 404 }

    /// `subject: message (status …, URL); next step`, on one line.
    public var description: String {
        var text = "\(subject): \(message)"
        let detail = [status.map { "HTTP \($0)" }, url].compactMap { $0 }.joined(separator: " from ")
        if !detail.isEmpty { text += " (\(detail))" }
        if let nextStep { text += "; \(nextStep)" }
        return text
    }

    /// Text from the other side made fit for a terminal: control characters escaped, cut at `limit` characters.
    package static func quoted(_ text: String, limit: Int = 400) -> String {
        var result = ""
        var count = 0
        for scalar in text.unicodeScalars {
            if count >= limit { return result + "…" }
            count += 1
            if scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format {
                result += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
