import Glibc

/// A directory for sample data, and a file system for what creates many files.
final class Workplace {
    let path: String
    private var mounted: String?
    private var mounts = 0

    init() throws {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(base)/ocibuild-bench.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw BenchError("no directory can be made in \(base)") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    func remove() {
        unmount()
        _ = try? Command.run("rm -rf --one-file-system '\(path)'")
    }

    /// What layers are made of: programs, libraries and Python, cut at `size` MiB.
    func sample(_ size: Int) throws -> String {
        let file = "\(path)/sample.tar"
        if self.size(of: file) == nil {
            try run("tar -C / -cf - usr/lib/python3 usr/bin 2>/dev/null | head -c \(size << 20) > '\(file)'")
        }
        return file
    }

    /// A folder on a freshly made ext4 of 64 GiB, sparse: on a file system that has just deleted much, creating files can
    /// be ten times slower for minutes. The same one each time; it goes with the workplace.
    func fileSystem() throws -> String {
        try mounted ?? newFileSystem()
    }

    /// As ``fileSystem()``, but a new and empty one, in place of that before.
    func newFileSystem() throws -> String {
        guard geteuid() == 0 else { throw BenchError("this suite mounts a file system: run it as root") }
        unmount()
        mounts += 1
        let folder = "\(path)/fs\(mounts)"
        try run(
            """
            set -e; cd '\(path)'; chmod 755 .; rm -f image; mkdir '\(folder)'; truncate -s 64G image
            mkfs.ext4 -q -E lazy_itable_init=0,lazy_journal_init=0 image; mount -o loop image '\(folder)'
            """)
        mounted = folder
        return folder
    }

    private func unmount() {
        guard let mounted else { return }
        // What daemons and overlays have mounted below it goes first.
        _ = try? run(
            """
            grep -o ' \(mounted)[^ ]*' /proc/mounts | sort -r | while read -r m; do umount "$m" || umount -l "$m"; done 2>/dev/null
            """)
        self.mounted = nil
    }

    /// The size of a file in bytes; nil where there is none.
    func size(of file: String) -> Int64? {
        var status = stat()
        return stat(file, &status) == 0 ? Int64(status.st_size) : nil
    }

    /// Runs a line of shell.
    @discardableResult func run(_ line: String) throws -> Sample { try Command.run(line) }
}
