import Glibc
import LinuxSystem

/// A real Debian as a base image, made of the machine's own package sources and kept for the next time.
package enum DebianBase {
    /// The archive of a minimal system of the machine's own release, without Python. It takes a minute to make the first
    /// time; processes that want it at once wait for the one that makes it.
    package static func archive() throws -> Path {
        let folder: Path = "/var/tmp/ocibuild-tests"
        try FileSystem.makeDirectories(folder)
        let script = """
            set -e
            . /etc/os-release
            tar="$1/debian-$VERSION_CODENAME.tar"
            exec 9>"$tar.lock"
            flock 9
            if [ ! -s "$tar" ]; then
                "$2" "$tar" --quiet --include=ca-certificates \\
                    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \\
                    --dpkgopt='path-exclude=/usr/share/locale/*'
            fi
            echo "$tar"
            """
        let maker = (Path(#filePath).parent?.parent?.parent ?? ".") / "Fixtures/debian/make-tar"
        let outcome = try ChildProcess.run(
            ["/bin/sh", "-c", script, "sh", folder.description, maker.description], timeoutSeconds: 1800)
        guard outcome.status == 0 else {
            throw RegistryProcess.Unavailable(
                description: "a Debian base cannot be made; the package mmdebstrap and a Debian mirror are needed: "
                    + String(decoding: outcome.error.suffix(2000), as: UTF8.self))
        }
        return Path(String(decoding: outcome.output, as: UTF8.self).split(separator: "\n").last ?? "")
    }
}
