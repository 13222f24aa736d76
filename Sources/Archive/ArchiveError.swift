import LinuxSystem

/// Why an archive could not be read or written.
package struct ArchiveError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Stable names of the failures, for programs and tests.
    package enum Code: String, Sendable {
        /// The archive ends within an entry.
        case truncated = "archive-truncated"
        /// A header breaks the rules of its format.
        case malformed = "archive-malformed"
        /// A number does not fit what it stands for.
        case outOfRange = "archive-out-of-range"
        /// The archive asks for more than a limit allows.
        case limit = "archive-limit"
        /// An entry or compression of a kind that is not supported.
        case unsupported = "archive-unsupported"
        /// Content and stated size of an entry that is written differ.
        case wrongSize = "archive-wrong-size"
        /// An entry that the tar format has no way to write.
        case unrepresentable = "archive-unrepresentable"
    }

    package let code: Code
    /// The entry concerned, as far as it is known.
    package let path: Path?
    /// Where its header starts, in bytes from the start of the (decompressed) archive; nil when writing.
    package let offset: Int64?
    /// What was found and what was expected, in plain words.
    package let detail: String

    package init(_ code: Code, _ path: Path? = nil, at offset: Int64? = nil, _ detail: String) {
        self.code = code
        self.path = path
        self.offset = offset
        self.detail = detail
    }

    package var description: String {
        var text = detail
        if let path { text = "archive entry \(path.isEmpty ? "/" : path.description): \(text)" }
        if let offset { text += " (header at byte \(offset) of the archive)" }
        return text
    }
}
