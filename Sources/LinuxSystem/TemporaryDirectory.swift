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
            let path = parent / Path(prefix + String(UInt64.random(in: .min ... .max), radix: 36))
            do {
                try FileSystem.makeDirectory(path, mode: 0o700)
                self.path = path
                return
            } catch {
                if error.errno != .exists { throw error }
            }
        }
    }

    deinit { try? FileSystem.removeTree(path) }
}
