extension KeyedEncodingContainer {
    /// Writes a string, array or dictionary unless it is absent or empty: the `omitempty` of the specification's Go
    /// structures, which other tools' output follows.
    mutating func encodeUnlessEmpty<Value: Encodable & Collection>(_ value: Value?, forKey key: Key) throws {
        if let value, !value.isEmpty {
            try encode(value, forKey: key)
        }
    }

    /// Writes a set of names as an object of empty objects, or nothing if there are none.
    mutating func encodeNameSet(_ names: [String], forKey key: Key) throws {
        guard !names.isEmpty else { return }
        var object = nestedContainer(keyedBy: AnyKey.self, forKey: key)
        for name in Set(names).sorted() {
            _ = object.nestedContainer(keyedBy: AnyKey.self, forKey: AnyKey(name))
        }
    }
}

extension KeyedDecodingContainer {
    /// Reads an object of empty objects as the sorted list of its keys; absent and `null` are empty.
    func decodeNameSet(forKey key: Key) throws -> [String] {
        guard contains(key), try !decodeNil(forKey: key) else { return [] }
        return try nestedContainer(keyedBy: AnyKey.self, forKey: key).allKeys.map(\.stringValue).sorted()
    }
}

/// A key that is data rather than part of a schema.
struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(_ name: String) {
        stringValue = name
    }

    init?(stringValue: String) {
        self.stringValue = stringValue
    }

    init?(intValue: Int) {
        stringValue = String(intValue)
    }
}
