/// Why a stream could not be compressed or decompressed.
package struct CodecError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Stable names of the failures, for programs and tests.
    package enum Code: String, Sendable {
        /// The compressed stream ends before its own end mark.
        case truncated = "codec-truncated"
        /// The compressed bytes break the rules of their format.
        case corrupt = "codec-corrupt"
        /// Length or checksum of the decompressed bytes differ from what the stream states.
        case checksum = "codec-checksum"
        /// Something other than zero padding or another member follows the end.
        case trailingBytes = "codec-trailing-bytes"
        /// The stream starts with the mark of another format than the one it is labelled with.
        case mislabelled = "codec-mislabelled"
        /// A format that no layer may use, or a feature beyond our limits.
        case unsupported = "codec-unsupported"
        /// A compression library could not do its work (out of memory).
        case library = "codec-library"
    }

    /// What kind of failure.
    package let code: Code
    /// Where in the compressed stream, in bytes from its start; nil where no place can be named.
    package let offset: Int64?
    /// What was found and what was expected, in plain words.
    package let detail: String

    package init(_ code: Code, at offset: Int64? = nil, _ detail: String) {
        self.code = code
        self.offset = offset
        self.detail = detail
    }

    package var description: String {
        guard let offset else { return detail }
        return "\(detail) (at byte \(offset) of the compressed stream)"
    }
}
