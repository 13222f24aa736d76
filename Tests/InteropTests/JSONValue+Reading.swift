import LinuxSystem
import OCISpec

extension JSONValue {
    /// Reads a JSON file. Blocks.
    init(reading path: Path) throws {
        self = try CanonicalJSON.decode(JSONValue.self, from: FileSystem.readFile(path))
    }

    /// A member of an object; nil when there is none, or this is no object.
    subscript(_ key: String) -> JSONValue? { members[key] }

    /// An element of an array; nil when there is none, or this is no array.
    subscript(_ index: Int) -> JSONValue? {
        guard let elements, elements.indices.contains(index) else { return nil }
        return elements[index]
    }

    /// An array's elements; nil for anything else.
    var elements: [JSONValue]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }

    /// Nothing said: null, or an empty list, object or text. Image configurations mean the same by each.
    var isEmpty: Bool { [.null, .string(""), .array([]), .object([:]), .bool(false), .integer(0)].contains(self) }
}
