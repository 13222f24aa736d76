/// What `withPython` runs: a script for any POSIX shell that makes one version of Python available.
///
/// It takes the first of these that works: the Python of the base image; its package manager (apt, apk, dnf and its
/// kin); a prebuilt interpreter from a mirror, its SHA-256 verified; a compilation from source. Each that does not work
/// says why, and the one that does is named in the output of the step.
///
/// All of them leave `python`, `python3` and `pip` of that version in ``folder``, which belongs first in PATH. There a
/// distribution's own Python is seen through a virtual environment, so that its rule against `pip install`
/// (EXTERNALLY-MANAGED, PEP 668) holds for the distribution's tree as it should, and not for the image's author.
package struct PythonProvision: Sendable, Hashable {
    /// Where the programs are afterwards.
    package static let folder = "/opt/python/bin"
    /// The value of PATH for the steps after it and for the image, for a Dockerfile's expansion.
    package static let path = "\(folder):${PATH:-/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin}"
    /// Names the address of prebuilt interpreters to the script: a folder of archives with their SHA256SUMS, as a release
    /// of python-build-standalone is.
    package static let mirrorVariable = "OCIBUILD_PYTHON_MIRROR"
    /// Names the address of source archives to the script: folders of releases as python.org has them.
    package static let sourceVariable = "OCIBUILD_PYTHON_SOURCE"

    /// The version as it was asked for: "3.11", whose newest release is taken, or "3.11.5".
    package let version: String

    /// Takes "3.11" or "3.11.5".
    package init(_ version: String) throws(InvalidPythonVersion) {
        let numbers = version.split(separator: ".", omittingEmptySubsequences: false)
        let isNumeric = numbers.allSatisfy { part in
            !part.isEmpty && part.count <= 3 && part.utf8.allSatisfy { (0x30...0x39).contains($0) }
                && (part == "0" || !part.hasPrefix("0"))
        }
        guard isNumeric, (2...3).contains(numbers.count), numbers[0] == "3" else {
            throw InvalidPythonVersion(text: version)
        }
        self.version = version
    }

    /// The script, to be run by root. It names its interpreter, so that a SHELL instruction does not matter, and says on
    /// its second line what it is, for the titles of steps. Addresses of mirrors come from its environment, so they are
    /// in no history and no cache key.
    package var script: String {
        let minor = version.split(separator: ".").prefix(2).joined(separator: ".")
        let parts = [Self.opening, Self.packages, Self.download, Self.builds, Self.closing]
        return "#!/bin/sh\n# Python \(version): of the base, from its packages, from a mirror, or from source.\n"
            + "want=\(version) minor=\(minor)\n" + parts.joined(separator: "\n")
    }
}

/// A text that names no version of Python that can be provided.
package struct InvalidPythonVersion: Error, Hashable, CustomStringConvertible {
    /// What was written.
    package let text: String

    /// What is wrong, and what a version looks like.
    package var description: String {
        if text == "2" || text.hasPrefix("2.") {
            return "Python \(text) is no longer provided by anyone; start from an image that has it"
        }
        return "\"\(text)\" is no version of Python; write a minor version (3.11) or a release of it (3.11.5)"
    }
}
