/// The name of content by its hash, such as `sha256:9f86d081…`.
///
/// Parsing is strict (lower-case hexadecimal of exactly the algorithm's length), so a digest is always safe to use in
/// a path or a URL. See <https://github.com/opencontainers/image-spec/blob/main/descriptor.md#digests>.
public struct Digest: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The registered hash algorithms.
    public enum Algorithm: String, Sendable, CaseIterable {
        case sha256
        case sha512

        /// How many hexadecimal digits a digest of this algorithm has.
        public var hexLength: Int {
            switch self {
            case .sha256: 64
            case .sha512: 128
            }
        }
    }

    /// The hash algorithm.
    public let algorithm: Algorithm
    /// The hash in lower-case hexadecimal, always `algorithm.hexLength` digits.
    public let hex: String

    /// Parses `algorithm:hex`.
    public init(parsing text: String) throws(SpecError) {
        let bytes = Array(text.utf8)
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")) else {
            throw SpecError(.digestFormat, text, "a digest has the form sha256:<64 hexadecimal digits>")
        }
        guard let algorithm = Algorithm(rawValue: String(decoding: bytes[..<colon], as: UTF8.self)) else {
            throw SpecError(.digestUnsupported, text, "only sha256 and sha512 digests are supported")
        }
        let hex = bytes[(colon + 1)...]
        guard hex.count == algorithm.hexLength else {
            throw SpecError(
                .digestLength, text, "a \(algorithm.rawValue) digest has \(algorithm.hexLength) hexadecimal digits")
        }
        guard hex.allSatisfy({ ($0 >= 0x30 && $0 <= 0x39) || ($0 >= 0x61 && $0 <= 0x66) }) else {
            throw SpecError(.digestFormat, text, "a digest is written in lower-case hexadecimal digits")
        }
        self.algorithm = algorithm
        self.hex = String(decoding: hex, as: UTF8.self)
    }

    /// The digest with these raw bytes of a SHA-256 hash; there must be 32, as every hash function gives.
    public init(sha256 bytes: [UInt8]) {
        precondition(bytes.count == 32, "a SHA-256 hash has 32 bytes")
        algorithm = .sha256
        hex = Self.hexadecimal(bytes)
    }

    /// The digest with these raw bytes of a SHA-512 hash; there must be 64, as every hash function gives.
    public init(sha512 bytes: [UInt8]) {
        precondition(bytes.count == 64, "a SHA-512 hash has 64 bytes")
        algorithm = .sha512
        hex = Self.hexadecimal(bytes)
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count * 2)
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The value in words, for messages.
    public var description: String { "\(algorithm.rawValue):\(hex)" }

    /// The first twelve hexadecimal digits, for messages.
    public var short: String { String(hex.prefix(12)) }

    /// Orders by the bytes of the written form.
    public static func < (left: Digest, right: Digest) -> Bool {
        left.algorithm == right.algorithm
            ? left.hex < right.hex : left.algorithm.rawValue < right.algorithm.rawValue
    }
}

extension Digest: Codable {
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
