/// The name of an image in a registry: `domain/repository[:tag][@digest]`, with Docker's short forms understood.
///
/// `python` means `docker.io/library/python`. A missing tag stays missing until ``withDefaultTag()``.
public struct Reference: Hashable, Sendable {
    /// The registry: host name with an optional port, such as `docker.io` or `localhost:5000`.
    public var domain: String
    /// The path in the registry, such as `library/python`.
    public var repository: String
    /// The tag, if one was given.
    public var tag: String?
    /// The digest, if one was given.
    public var digest: Digest?

    /// The registry that short names belong to.
    public static let defaultDomain = "docker.io"
    /// The tag of a reference that names neither tag nor digest.
    public static let defaultTag = "latest"
    private static let officialPrefix = "library/"
    private static let legacyDefaultDomain = "index.docker.io"

    /// Parses a reference as `docker pull` does.
    public init(parsing text: String) throws(SpecError) {
        if text.utf8.count == 64, text.utf8.allSatisfy(ReferenceGrammar.isLowercaseHex) {
            throw SpecError(
                .referenceFormat, text, "64 hexadecimal digits are an image id, not a name; write NAME@sha256:\(text)")
        }
        var domain = Self.defaultDomain
        var remainder = text
        if let slash = text.utf8.firstIndex(of: UInt8(ascii: "/")) {
            let first = String(text[..<slash])
            if first.utf8.contains(UInt8(ascii: ".")) || first.utf8.contains(UInt8(ascii: ":")) || first == "localhost"
                || first.lowercased() != first
            {
                domain = first == Self.legacyDefaultDomain ? Self.defaultDomain : first
                remainder = String(text[text.utf8.index(after: slash)...])
            }
        }
        if text.isEmpty {
            throw SpecError(.referenceEmpty, text, "an image name is expected, such as debian:12")
        }
        if domain == Self.defaultDomain, !remainder.utf8.contains(UInt8(ascii: "/")) {
            remainder = Self.officialPrefix + remainder
        }
        let parts: ReferenceGrammar
        do {
            parts = try ReferenceGrammar(parsing: domain + "/" + remainder)
        } catch {
            // The user wrote the short form: name that, not what it was expanded to.
            throw SpecError(error.code, text, error.message)
        }
        guard parts.domain == domain else {
            throw SpecError(.referenceFormat, text, "\(domain) is not a valid registry name")
        }
        self.domain = domain
        repository = parts.path
        tag = parts.tag
        digest = parts.digest
    }

    /// A reference of parts that are already valid and normalised.
    public init(domain: String, repository: String, tag: String? = nil, digest: Digest? = nil) {
        self.domain = domain
        self.repository = repository
        self.tag = tag
        self.digest = digest
    }

    /// The same reference, tagged `latest` if it has neither tag nor digest.
    public func withDefaultTag() -> Reference {
        guard tag == nil, digest == nil else { return self }
        return Reference(domain: domain, repository: repository, tag: Self.defaultTag)
    }

    /// `domain/repository`, without tag and digest.
    public var name: String { "\(domain)/\(repository)" }

    /// The shortest form that means the same, as Docker prints it.
    public var familiar: String {
        guard domain == Self.defaultDomain else { return description }
        let components = repository.split(separator: "/", omittingEmptySubsequences: false)
        let short = components.count == 2 && components[0] == "library" ? String(components[1]) : repository
        return short + suffix
    }

    private var suffix: String {
        (tag.map { ":\($0)" } ?? "") + (digest.map { "@\($0)" } ?? "")
    }
}

extension Reference: CustomStringConvertible {
    /// The full form, `domain/repository[:tag][@digest]`.
    public var description: String { name + suffix }
}

extension Reference: Comparable {
    /// Orders by the bytes of the written form.
    public static func < (left: Reference, right: Reference) -> Bool {
        left.description < right.description
    }
}

extension Reference: Codable {
    /// Reads the value from its JSON form.
    public init(from decoder: any Decoder) throws {
        try self.init(parsing: decoder.singleValueContainer().decode(String.self))
    }

    /// Writes the value in the specification's JSON form.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
