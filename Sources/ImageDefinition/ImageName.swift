/// The rules of the names that an image has.
enum ImageName {
    /// A part of the name.
    enum Part: String {
        case username, name, tag

        /// What is wrong with `text` as this part, in words; nil when nothing is.
        func problem(with text: String) -> String? {
            self == .tag ? ImageName.tagProblem(text) : ImageName.nameProblem(text, of: rawValue)
        }
    }

    /// The longest user name or image name.
    static let length = 63
    /// The longest tag.
    static let tagLength = 128

    private static func nameProblem(_ text: String, of what: String) -> String? {
        if text.isEmpty { return "the \(what) is empty" }
        let shown = "the \(what) \(String(text.prefix(80)).debugDescription)"
        if let letter = text.unicodeScalars.first(where: { ("A"..."Z").contains($0) }) {
            return "\(shown) has the capital letter \(letter): lower-case letters, digits and hyphens are allowed"
        }
        if let other = text.unicodeScalars.first(where: { !isAllowed($0) }) {
            return "\(shown) has the character \(quoted(other)): lower-case letters, digits and hyphens are allowed"
        }
        if text.hasPrefix("-") { return "\(shown) starts with a hyphen" }
        if text.hasSuffix("-") { return "\(shown) ends with a hyphen" }
        if text.utf8.count > length {
            return "\(shown) has \(text.utf8.count) characters; \(length) are allowed"
        }
        return nil
    }

    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar) || scalar == "-"
    }

    private static func quoted(_ scalar: Unicode.Scalar) -> String {
        scalar.value < 0x20 || scalar.value == 0x7F
            ? "number \(scalar.value)" : "\"\(String(Character(scalar)))\""
    }

    private static func tagProblem(_ text: String) -> String? {
        if text.isEmpty { return "the tag is empty" }
        let shown = "the tag \(String(text.prefix(80)).debugDescription)"
        let isWord = { (scalar: Unicode.Scalar) in
            isAllowed(scalar) && scalar != "-" || ("A"..."Z").contains(scalar) || scalar == "_"
        }
        if let first = text.unicodeScalars.first, first == "." || first == "-" {
            return "\(shown) starts with \"\(first)\": it starts with a letter, a digit or \"_\""
        }
        if let other = text.unicodeScalars.first(where: { !isWord($0) && $0 != "." && $0 != "-" }) {
            return "\(shown) has the character \(quoted(other)): letters, digits, \"_\", \".\" and \"-\" are allowed"
        }
        if text.utf8.count > tagLength {
            return "\(shown) has \(text.utf8.count) characters; \(tagLength) are allowed"
        }
        return nil
    }
}
