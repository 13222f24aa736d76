import Glibc
import LinuxSystem

/// The conformance data that lies outside the repository.
package enum ConformanceData {
    /// Why a file of it could not be read.
    package struct Missing: Error, CustomStringConvertible {
        /// Where it was looked for.
        package let path: Path
        package var description: String {
            "there is no conformance data at \(path); OCIBUILD_CONFORMANCE names its folder"
        }
    }

    /// A file or folder: below `OCIBUILD_CONFORMANCE`, else beside the repository.
    package static func path(_ name: String, sourceFile: String = #filePath) throws -> Path {
        let repository = Path(sourceFile).parent?.parent?.parent ?? "."
        let root =
            getenv("OCIBUILD_CONFORMANCE").map { Path(String(cString: $0)) } ?? repository / "../shared/conformance"
        let candidates = [root, repository / "../../shared/conformance"].map { $0 / Path(name) }
        guard let found = candidates.first(where: { FileSystem.exists($0) }) else { throw Missing(path: candidates[0]) }
        return found
    }

    /// The bytes of a file.
    package static func bytes(_ name: String) throws -> [UInt8] {
        try FileSystem.readFile(path(name))
    }
}
