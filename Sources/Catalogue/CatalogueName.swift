import OCISpec

/// What may be the name of what in a catalogue.
package enum CatalogueName {
    /// Longest name of an image, in bytes.
    package static let longest = 128
    /// Longest name of a workspace or user, in bytes: it becomes part of a repository's path.
    package static let longestOwner = 64
    /// Longest display name, in bytes.
    package static let longestDisplayName = 256
    /// Longest name that an image may have had where it came from, in bytes.
    package static let longestOriginalTag = 1024
    /// Longest description, in bytes.
    package static let longestDescription = 16 << 10
    /// Longest readme, in bytes.
    package static let longestReadme = 1 << 20

    /// Throws unless `name` may be an image's.
    package static func check(_ name: String) throws(CatalogueError) {
        func refusal(_ reason: String) -> CatalogueError {
            CatalogueError(.invalid, quoted(name), "is no name for an image: \(reason)")
        }
        guard !name.isEmpty else { throw refusal("it is empty") }
        guard name.utf8.count <= longest else { throw refusal("it has more than \(longest) characters") }
        if let bad = name.unicodeScalars.first(where: { !isWord($0) && $0 != "." && $0 != "_" && $0 != "-" }) {
            let hint = bad == "/" || bad == ":" ? "; the workspace and a tag are no part of it" : ""
            throw refusal(
                "\(quoted(String(bad))) is none of letters, digits, \".\", \"_\" and \"-\"\(hint)")
        }
        guard let first = name.unicodeScalars.first, isWord(first) else {
            throw refusal("it begins with \"\(name.prefix(1))\" instead of a letter or digit")
        }
        guard ImageID(parsing: name) == nil else { throw refusal("it has the form of an id") }
    }

    /// Throws unless `name` may be that of a workspace or user.
    package static func checkOwner(_ name: String, of kind: String) throws(CatalogueError) {
        guard !name.isEmpty, name.utf8.count <= longestOwner, !name.utf8.contains(UInt8(ascii: "/")),
            let grammar = try? ReferenceGrammar(parsing: "x/\(name)"), grammar.path == name,
            grammar.tag == nil, grammar.digest == nil
        else {
            throw CatalogueError(
                .invalid, quoted(name),
                "is no name for a \(kind): lower-case letters and digits, with \".\", \"_\" or \"-\" between them, at most "
                    + "\(longestOwner)")
        }
    }

    /// Throws unless `text` is short enough.
    package static func checkText(_ text: String, of kind: String, limit: Int) throws(CatalogueError) {
        guard text.utf8.count <= limit else {
            throw CatalogueError(
                .invalid, "", "the \(kind) has \(text.utf8.count) bytes; at most \(limit) are kept in a catalogue")
        }
    }

    private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9": true
        default: false
        }
    }

    /// Text from elsewhere in quotation marks, short enough for a message. (The command escapes what it prints.)
    static func quoted(_ text: String) -> String {
        text.unicodeScalars.count <= 80 ? "\"\(text)\"" : "\"\(String(text.prefix(80)))…\""
    }
}
