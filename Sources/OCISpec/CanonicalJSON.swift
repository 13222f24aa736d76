import FoundationEssentials

/// JSON with one spelling for one value, so that documents can be named by their digest; and strict reading of
/// documents that others wrote.
public enum CanonicalJSON {
    /// The largest document that is read, in bytes: 4 MiB, which is also what registries accept for a manifest.
    public static let defaultLimit = 4 << 20

    /// Encodes with sorted keys, without white space and without escaped slashes.
    public static func encode(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(value))
    }

    /// Decodes a document of at most `limit` bytes.
    ///
    /// Refused, as ``SpecError``: what is not plain UTF-8 (byte order mark, UTF-16), objects with a key twice (also
    /// in different case, which Go's reader takes for the same), nesting deeper than 64, and whatever does not fit
    /// `type`. Two readers must never see two different images in one document.
    public static func decode<Value: Decodable>(
        _ type: Value.Type, from bytes: [UInt8], limit: Int = defaultLimit
    ) throws -> Value {
        guard bytes.count <= limit else {
            throw SpecError(
                .documentTooLarge, "\(type)", "a document of \(bytes.count) bytes; at most \(limit) are read")
        }
        try JSONStructure.check(bytes)
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch let error as DecodingError {
            throw SpecError(error, type: "\(type)")
        }
    }
}

extension SpecError {
    fileprivate init(_ error: DecodingError, type: String) {
        func place(_ path: [any CodingKey]) -> String {
            path.reduce(type) { $0 + ($1.intValue.map { "[\($0)]" } ?? ".\($1.stringValue)") }
        }
        switch error {
        case .keyNotFound(let key, let context):
            self.init(.documentContent, place(context.codingPath + [key]), "is missing")
        case .valueNotFound(_, let context):
            self.init(.documentContent, place(context.codingPath), "is null")
        case .typeMismatch(let expected, let context):
            self.init(.documentContent, place(context.codingPath), "should be a \(expected)")
        case .dataCorrupted(let context):
            let code: Code = context.codingPath.isEmpty ? .documentSyntax : .documentContent
            self.init(code, place(context.codingPath), context.debugDescription)
        @unknown default:
            self.init(.documentSyntax, type, "\(error)")
        }
    }
}
