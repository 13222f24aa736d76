/// The grammar of full references, without Docker's short forms:
/// `[domain "/"] path [":" tag] ["@" digest]`, as in <https://github.com/distribution/reference>.
package struct ReferenceGrammar: Hashable, Sendable {
    /// The first component, if there are several and it can be a host name.
    package let domain: String?
    /// The rest of the name.
    package let path: String
    /// The tag.
    package let tag: String?
    /// The digest.
    package let digest: Digest?

    /// The longest allowed path, in bytes.
    package static let longestPath = 255

    /// Parses `text` strictly.
    package init(parsing text: String) throws(SpecError) {
        if text.isEmpty {
            throw SpecError(.referenceEmpty, text, "an image name is expected, such as debian:12")
        }
        guard let split = Split(Array(text.utf8)) else {
            if Split(Array(text.utf8).map(Self.lowercased)) != nil {
                throw SpecError(.referenceUppercase, text, "an image name is written in lower-case letters")
            }
            throw SpecError(
                .referenceFormat, text, "an image name has the form [registry/]path[:tag][@digest], as debian:12")
        }
        guard split.path.count <= Self.longestPath else {
            throw SpecError(.referenceTooLong, text, "an image name has at most \(Self.longestPath) characters")
        }
        domain = split.domain.map { String(decoding: $0, as: UTF8.self) }
        path = String(decoding: split.path, as: UTF8.self)
        tag = split.tag.map { String(decoding: $0, as: UTF8.self) }
        if let bytes = split.digest {
            digest = try Digest(parsing: String(decoding: bytes, as: UTF8.self))
        } else {
            digest = nil
        }
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        byte >= 0x41 && byte <= 0x5A ? byte + 0x20 : byte
    }

    /// `0`–`9` or `a`–`f`.
    static func isLowercaseHex(_ byte: UInt8) -> Bool {
        (byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x66)
    }
}

/// A reference cut into parts of valid form; the digest's algorithm and length are not judged yet.
private struct Split {
    var domain: ArraySlice<UInt8>?
    var path: ArraySlice<UInt8>
    var tag: ArraySlice<UInt8>?
    var digest: ArraySlice<UInt8>?

    init?(_ bytes: [UInt8]) {
        var name = bytes[...]
        if let at = name.firstIndex(of: UInt8(ascii: "@")) {
            let text = name[(at + 1)...]
            guard Self.isDigest(text) else { return nil }
            digest = text
            name = name[..<at]
        }
        if let colon = name.lastIndex(of: UInt8(ascii: ":")), !name[colon...].contains(UInt8(ascii: "/")) {
            let text = name[(colon + 1)...]
            guard Self.isTag(text) else { return nil }
            tag = text
            name = name[..<colon]
        }
        if let slash = name.firstIndex(of: UInt8(ascii: "/")), Self.isDomain(name[..<slash]),
            Self.isPath(name[(slash + 1)...])
        {
            domain = name[..<slash]
            path = name[(slash + 1)...]
        } else if Self.isPath(name) {
            path = name
        } else {
            return nil
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
    private static func isLower(_ byte: UInt8) -> Bool { byte >= 0x61 && byte <= 0x7A }
    private static func isLetter(_ byte: UInt8) -> Bool { isLower(byte | 0x20) }
    private static func isHex(_ byte: UInt8) -> Bool { ReferenceGrammar.isLowercaseHex(byte | (byte & 0x40) >> 1) }

    private static func isTag(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard let first = bytes.first, bytes.count <= 128 else { return false }
        let word: (UInt8) -> Bool = { isLetter($0) || isDigit($0) || $0 == 0x5F }
        return word(first) && bytes.allSatisfy { word($0) || $0 == 0x2E || $0 == 0x2D }
    }

    private static func isDigest(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")) else { return false }
        let algorithm = bytes[..<colon]
        let hex = bytes[(colon + 1)...]
        let parts = algorithm.split(omittingEmptySubsequences: false) {
            $0 == 0x2D || $0 == 0x5F || $0 == 0x2B || $0 == 0x2E
        }
        return hex.count >= 32 && hex.allSatisfy(isHex)
            && parts.allSatisfy { part in
                part.first.map(isLetter) == true && part.allSatisfy { isLetter($0) || isDigit($0) }
            }
    }

    private static func isDomain(_ bytes: ArraySlice<UInt8>) -> Bool {
        var host = bytes
        if bytes.first == UInt8(ascii: "[") {
            guard let close = bytes.firstIndex(of: UInt8(ascii: "]")) else { return false }
            let address = bytes[(bytes.startIndex + 1)..<close]
            guard !address.isEmpty, address.allSatisfy({ isHex($0) || $0 == 0x3A }) else { return false }
            let rest = bytes[(close + 1)...]
            return rest.isEmpty || isPort(rest)
        }
        if let colon = bytes.firstIndex(of: UInt8(ascii: ":")) {
            guard isPort(bytes[colon...]) else { return false }
            host = bytes[..<colon]
        }
        return host.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { label in
            guard let first = label.first, let last = label.last else { return false }
            return first != 0x2D && last != 0x2D
                && label.allSatisfy { isLetter($0) || isDigit($0) || $0 == 0x2D }
        }
    }

    private static func isPort(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.first == UInt8(ascii: ":") && bytes.count > 1 && bytes.dropFirst().allSatisfy(isDigit)
    }

    private static func isPath(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).allSatisfy(isPathComponent)
    }

    /// `[a-z0-9]+` joined by one `.`, one or two `_`, or any number of `-`.
    private static func isPathComponent(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard let first = bytes.first, let last = bytes.last else { return false }
        let word: (UInt8) -> Bool = { isLower($0) || isDigit($0) }
        guard word(first), word(last) else { return false }
        var separator: [UInt8] = []
        for byte in bytes {
            if word(byte) {
                guard separator.count < 2 || separator == [0x5F, 0x5F] || separator.allSatisfy({ $0 == 0x2D }) else {
                    return false
                }
                separator = []
            } else if byte == 0x2E || byte == 0x5F || byte == 0x2D {
                separator.append(byte)
            } else {
                return false
            }
        }
        return true
    }
}
