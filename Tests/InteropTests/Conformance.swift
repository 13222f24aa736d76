import Glibc
import LinuxSystem

/// The conformance data that lies outside the repository.
enum Conformance {
    /// A folder of it: below `OCIBUILD_CONFORMANCE`, else beside the repository. Throws when it is not there.
    static func folder(_ name: String) throws -> Path {
        let root =
            getenv("OCIBUILD_CONFORMANCE").map { String(cString: $0) } ?? "\(Repository.root)/../shared/conformance"
        let folder = Path(root) / Path(name)
        guard FileSystem.exists(folder) else {
            throw Tool.Failure(
                arguments: ["\(folder)"], status: 1,
                said: "there is no conformance data; OCIBUILD_CONFORMANCE names its folder")
        }
        return folder
    }
}
