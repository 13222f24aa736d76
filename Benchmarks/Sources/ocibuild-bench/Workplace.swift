import Glibc

/// A directory for sample data, and a way to run programs in it.
struct Workplace {
    let path: String

    init() throws {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(base)/ocibuild-bench.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw BenchError("no directory can be made in \(base)") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    func remove() {
        _ = try? run("rm -rf '\(path)'")
    }

    /// What layers are made of: programs, libraries and Python, cut at `size` MiB.
    func sample(_ size: Int) throws -> String {
        let file = "\(path)/sample.tar"
        if try self.size(of: file) == nil {
            try run("tar -C / -cf - usr/lib/python3 usr/bin 2>/dev/null | head -c \(size << 20) > '\(file)'")
        }
        return file
    }

    /// The size of a file in bytes; nil where there is none.
    func size(of file: String) throws -> Int64? {
        var status = stat()
        return stat(file, &status) == 0 ? Int64(status.st_size) : nil
    }

    /// Runs a line of shell.
    func run(_ line: String) throws {
        var child: pid_t = 0
        let words = ["sh", "-c", line]
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        guard posix_spawn(&child, "/bin/sh", nil, nil, &arguments, environ) == 0 else {
            throw BenchError("/bin/sh cannot be started")
        }
        var status: CInt = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        guard status == 0 else { throw BenchError("failed, is the tool installed? \(line)") }
    }
}
