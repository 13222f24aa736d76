import Glibc
import LinuxSystem
package import Testing

/// The conformance data that lies outside the repository.
package enum ConformanceData {
    /// Why a file of it could not be read.
    package struct Missing: Error, CustomStringConvertible {
        /// What was looked for.
        package let name: String
        /// What was looked for, and how to say where it is.
        package var description: String {
            "there is no conformance data \(name); OCIBUILD_CONFORMANCE names its folder"
        }
    }

    /// Where it is said to be, else "shared/conformance" beside the package or beside a folder above it.
    private static let roots: [Path] = {
        if let path = getenv("OCIBUILD_CONFORMANCE") { return [Path(String(cString: path))] }
        var roots: [Path] = []
        var folder = Path(#filePath).parent?.parent?.parent
        while let current = folder {
            roots.append(current / "shared/conformance")
            folder = current.parent
        }
        return roots
    }()

    /// The file or folder of that name.
    package static func path(_ name: String) throws -> Path {
        guard let found = roots.map({ $0 / Path(name) }).first(where: { FileSystem.exists($0) }) else {
            throw Missing(name: name)
        }
        return found
    }

    /// The bytes of a file.
    package static func bytes(_ name: String) throws -> [UInt8] {
        try FileSystem.readFile(path(name))
    }
}

extension Trait where Self == ConditionTrait {
    /// Passes the test by, with this message, where the conformance data is not beside the checkout. Where
    /// OCIBUILD_REQUIRE_CONFORMANCE is set, as in continuous integration, it runs and fails instead.
    package static var conformance: Self {
        .enabled(
            if: getenv("OCIBUILD_REQUIRE_CONFORMANCE") != nil || (try? ConformanceData.path("references.json")) != nil,
            "the conformance data is not here: OCIBUILD_CONFORMANCE names its folder")
    }

    /// Passes the test by, with this message, where the users' documents are not beside the conformance data.
    package static var documents: Self {
        .enabled(
            if: (try? ConformanceData.path("../seeds/beaker-images.md")) != nil,
            "the documents whose examples this runs are not here: they belong in the folder seeds beside the conformance data"
        )
    }
}
