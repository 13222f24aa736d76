import FoundationEssentials
import LinuxSystem
import TestSupport

extension ConformanceData {
    /// A file's content.
    static func decode<Value: Decodable>(_: Value.Type, _ name: String) throws -> Value {
        try JSONDecoder().decode(Value.self, from: Data(bytes(name)))
    }

    /// The cases of a folder, one folder each.
    static func folders(_ name: String) throws -> [Path] {
        let root = try path(name)
        return try DirectoryListing.entries(at: root).map { root / $0.name }.sorted()
    }
}
