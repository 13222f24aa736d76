/// A base that is made on this machine, of its own packages.
enum BaseImage: String, CaseIterable {
    /// busybox alone.
    case tiny
    /// A minimal Debian.
    case debian
    /// With Python and pip.
    case python
    /// With a C compiler.
    case gcc

    /// Where bases and packages are kept from run to run.
    static let kept = "/var/tmp/ocibuild-bench"
    /// The scripts that make them.
    static let scripts =
        "/" + #filePath.split(separator: "/").dropLast(5).joined(separator: "/") + "/Fixtures/rungs"

    private var packages: String {
        switch self {
        case .tiny: ""
        case .debian: "ca-certificates"
        case .python: "ca-certificates,python3,python3-pip"
        case .gcc: "ca-certificates,gcc,libc6-dev"
        }
    }

    /// The file tree as a tar, made where it is not there yet.
    func tar() throws -> String {
        try Command.run("mkdir -p '\(Self.kept)'")
        guard self == .tiny else {
            let line = "'\(Self.scripts)/make-base' '\(Self.kept)' '\(packages)'"
            guard let path = Command.output(line) else { throw BenchError("failed: \(line)") }
            return path
        }
        let tar = "\(Self.kept)/tiny.tar"
        try Command.run(
            """
            set -e; [ ! -s '\(tar)' ] || exit 0
            command -v busybox >/dev/null || { echo 'install the Debian package busybox-static' >&2; exit 1; }
            cd '\(Self.kept)'; rm -rf tiny; mkdir -p tiny/bin tiny/etc tiny/tmp tiny/root
            cp "$(command -v busybox)" tiny/bin/busybox
            for n in sh echo cat true sha256sum mkdir; do ln -s busybox tiny/bin/$n; done
            echo root:x:0:0:root:/root:/bin/sh >tiny/etc/passwd; echo root:x:0: >tiny/etc/group
            tar -C tiny --sort=name -cf '\(tar).part' .; mv '\(tar).part' '\(tar)'; rm -rf tiny
            """)
        return tar
    }
}
