import Glibc
import LinuxSystem

/// Programs for other processors, which no package manager would put beside this machine's own.
package enum ForeignTools {
    /// The root of a file tree with arm64 programs and their libraries, for `qemu-aarch64 -L`: what `.ci/arm64-tools`
    /// made, or what OCIBUILD_ARM64 names.
    package static var arm64: Path {
        if let named = getenv("OCIBUILD_ARM64") { return Path(String(cString: named)) }
        return (Path(#filePath).parent?.parent?.parent ?? "/") / ".build/arm64"
    }
}
