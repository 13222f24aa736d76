import FoundationEssentials
import Glibc
import LinuxSystem
import Testing

/// The conformance data that lies outside the repository.
enum ConformanceData {
    /// Where it is said to be, else "shared/conformance" beside the package or beside a folder above it.
    private static let candidates: [Path] = {
        if let path = getenv("OCIBUILD_CONFORMANCE") { return [Path(String(cString: path))] }
        var candidates: [Path] = []
        var folder = Path(#filePath).parent?.parent?.parent
        while let current = folder {
            candidates.append(current / "shared/conformance")
            folder = current.parent
        }
        return candidates
    }()

    struct Missing: Error {}

    /// The file or folder of that name; the test fails when there is no data.
    static func path(_ name: String) throws -> Path {
        for candidate in candidates where FileSystem.exists(candidate / Path(name)) { return candidate / Path(name) }
        Issue.record("there is no conformance data \(name); OCIBUILD_CONFORMANCE names its folder")
        throw Missing()
    }

    static func bytes(_ path: Path) throws -> [UInt8] {
        try FileSystem.readFile(path)
    }

    static func decode<Value: Decodable>(_: Value.Type, _ name: String) throws -> Value {
        try JSONDecoder().decode(Value.self, from: Data(bytes(path(name))))
    }

    /// The cases of a folder, one folder each.
    static func folders(_ name: String) throws -> [Path] {
        let root = try path(name)
        return try DirectoryListing.entries(at: root).map { root / $0.name }.sorted()
    }
}
