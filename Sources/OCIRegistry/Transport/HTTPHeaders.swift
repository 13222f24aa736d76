/// The header fields of an answer, names in lower case, in the order they came.
package struct HTTPHeaders: Sendable, Hashable {
    /// One field.
    package struct Field: Sendable, Hashable {
        /// In lower case.
        package var name: String
        /// Without the white space around it.
        package var value: String
    }

    /// All fields in order; a name may occur more than once.
    package private(set) var fields: [Field] = []

    /// No fields.
    package init() {}

    /// Adds a field.
    package mutating func append(_ name: String, _ value: String) {
        fields.append(Field(name: name.lowercased(), value: value))
    }

    /// The value of the first field named so; `name` in lower case.
    package subscript(name: String) -> String? { fields.first { $0.name == name }?.value }

    /// The values of all fields named so; `name` in lower case.
    package func all(_ name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }

    /// `Content-Length`, where it is one plain number.
    package var contentLength: Int64? {
        guard let text = self["content-length"], text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int64(text)
    }

    /// `Content-Type` without its parameters, in lower case.
    package var contentType: String? {
        guard let text = self["content-type"] else { return nil }
        let type = text.prefix { $0 != ";" }.lowercased()
        let trimmed = type.drop { $0 == " " || $0 == "\t" }
        return String(trimmed.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
}
