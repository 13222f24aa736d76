import Glibc

/// A directory of random name that goes, with all that is in it, when the object does.
package final class TemporaryDirectory: Sendable {
    /// Where it is.
    package let path: Path

    /// Makes a directory of mode 0700 in `parent` (TMPDIR, else /var/tmp, by default: /tmp may be memory).
    package init(in parent: Path? = nil, prefix: String = "ocibuild-") throws(SystemError) {
        let named = Path(getenv("TMPDIR").map { String(cString: $0) } ?? "")
        let parent = parent ?? (named.isEmpty ? "/var/tmp" : named)
        while true {
            let path = parent / Self.name(prefix, .random(in: .min ... .max))
            do {
                try FileSystem.makeDirectory(path, mode: 0o700)
                self.path = path
                return
            } catch {
                if error.errno != .exists { throw error }
            }
        }
    }

    /// As long as the names with this prefix are at most.
    package static func longestName(_ prefix: String) -> Path { name(prefix, .max) }

    private static func name(_ prefix: String, _ number: UInt64) -> Path { Path(prefix + String(number, radix: 36)) }

    deinit { try? FileSystem.removeTree(path) }
}
