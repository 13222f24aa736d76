import OCISpec

/// Puts one base image in the place of others: for mirrors, and for stand-ins where the real ones are out of reach.
public struct BaseMapping: Sendable, Hashable {
    /// Which references it replaces: `*` stands for any text, "/" and ":" included, `?` for one character. It is held
    /// against the reference as it was written, and against its short and its full form ("python:3.11" and
    /// "docker.io/library/python:3.11"), of which one must match as a whole.
    public let pattern: String
    /// What is used instead: a reference, or `oci:PATH`. It is not mapped again.
    public let reference: String

    /// Maps what matches `pattern` to `reference`.
    public init(pattern: String, reference: String) {
        self.pattern = pattern
        self.reference = reference
    }

    /// Reads "pattern=reference"; nil if one of them is missing.
    public init?(parsing text: String) {
        guard let equals = text.firstIndex(of: "=") else { return nil }
        let (pattern, reference) = (text[..<equals], text[text.index(after: equals)...])
        guard !pattern.isEmpty, !reference.isEmpty else { return nil }
        self.init(pattern: String(pattern), reference: String(reference))
    }

    /// Whether it replaces the image that `text` names.
    func matches(_ text: String) -> Bool {
        var forms = [text]
        if let reference = try? Reference(parsing: text) {
            forms += [reference, reference.withDefaultTag()].flatMap { [$0.familiar, $0.description] }
        }
        let pattern = Array(pattern.utf8)
        return forms.contains { Self.matches(pattern, Array($0.utf8)) }
    }

    /// Whether all of `text` is what `pattern` describes, in time proportional to the product of their lengths.
    private static func matches(_ pattern: [UInt8], _ text: [UInt8]) -> Bool {
        var (at, index) = (0, 0)
        // Where the last star stands, and what it has taken so far.
        var star: Int?
        var taken = 0
        while index < text.count {
            if at < pattern.count, pattern[at] == UInt8(ascii: "*") {
                (star, taken) = (at, index)
                at += 1
            } else if at < pattern.count, pattern[at] == UInt8(ascii: "?") || pattern[at] == text[index] {
                at += 1
                index += 1
            } else if let last = star {
                taken += 1
                (at, index) = (last + 1, taken)
            } else {
                return false
            }
        }
        return pattern[at...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
