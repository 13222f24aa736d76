import Glibc
import LinuxSystem

/// Debian's `docker-registry` on a free loopback port over a temporary folder. It stops when it is released.
package final class RegistryProcess: Sendable {
    /// What a test wants of its registry.
    package struct Options: Sendable {
        /// Ask for this user name and password.
        package var account: (username: String, password: String)?
        /// Speak TLS with a certificate from a CA made for this registry.
        package var usesTLS = false
        /// Whom the certificate is for.
        package var certificateNames = "IP:127.0.0.1,DNS:localhost"
        /// Send those who read blobs to this address instead.
        package var redirect: String?
        /// Let manifests be removed.
        package var allowsRemoval = true

        /// An open registry over plain http.
        package init() {}
    }

    /// A program that the tests need is not there.
    package struct Unavailable: Error, CustomStringConvertible {
        /// Which, and how to get it.
        package let description: String
    }

    /// The port that it listens on.
    package let port: Int
    /// The folder with its configuration, log and data.
    package let folder: TemporaryDirectory
    private let process: pid_t

    /// `127.0.0.1:port`.
    package var host: String { "127.0.0.1:\(port)" }
    /// The CA of its certificate, PEM.
    package var caFile: String { "\(folder.path)/ca.crt" }
    /// Where its data is kept.
    package var dataFolder: Path { folder.path / "data" }

    /// Starts one and waits until it accepts connections.
    package init(_ options: Options = Options()) throws {
        folder = try TemporaryDirectory(prefix: "registry-")
        port = try LoopbackSocket.freePort()
        let base = folder.path.description
        var config = """
            version: 0.1
            log: {level: warn}
            storage:
              filesystem: {rootdirectory: \(base)/data}
              delete: {enabled: \(options.allowsRemoval)}
            http:
              addr: 127.0.0.1:\(port)
              secret: test

            """
        if options.usesTLS {
            try Self.makeCertificates(in: base, names: options.certificateNames)
            config += "  tls: {certificate: \(base)/server.crt, key: \(base)/server.key}\n"
        }
        if let redirect = options.redirect {
            config += "middleware:\n  storage:\n  - name: redirect\n    options: {baseurl: \"\(redirect)\"}\n"
        }
        if let account = options.account {
            let line = try Self.run(["htpasswd", "-Bbn", account.username, account.password], package: "apache2-utils")
            try FileSystem.writeFile(folder.path / "htpasswd", line)
            config += "auth:\n  htpasswd: {realm: test, path: \(base)/htpasswd}\n"
        }
        try FileSystem.writeFile(folder.path / "config.yml", Array(config.utf8))
        process = try Self.start("\(base)/config.yml", log: "\(base)/log")
        var tries = 0
        while !LoopbackSocket.isOpen(port: port) {
            tries += 1
            guard tries < 200, kill(process, 0) == 0 else {
                let log = (try? FileSystem.readFile(folder.path / "log")).map { String(decoding: $0, as: UTF8.self) }
                throw Unavailable(description: "docker-registry did not start: \(log ?? "no log")")
            }
            usleep(50_000)
        }
    }

    /// A request that the registry answered.
    package struct Access: Sendable, CustomStringConvertible {
        /// GET, HEAD, PUT…
        package let method: String
        /// Path and query, as `/v2/name/blobs/sha256:…`.
        package let target: String
        /// The answer's status.
        package let status: Int
        /// How many bytes the answer's body had.
        package let bytes: Int64

        package var description: String { "\(method) \(target) \(status) \(bytes)" }
    }

    /// All requests so far, as the registry's own access log has them.
    package func accesses() throws -> [Access] {
        // Lines are written after the answers: those of the past are there when that of a new request is.
        let mark = "/v2/?mark=\(UInt64.random(in: .min ... .max))"
        _ = try Self.run(["curl", "-s", "-o", "/dev/null", "http://\(host)\(mark)"], package: "curl")
        for _ in 0..<500 {
            let lines = String(decoding: try FileSystem.readFile(folder.path / "log"), as: UTF8.self)
                .split(separator: "\n").compactMap { Self.access(in: $0) }
            if lines.contains(where: { $0.target == mark }) { return lines.filter { !$0.target.contains("mark=") } }
            usleep(20_000)
        }
        throw Unavailable(description: "docker-registry writes no access log")
    }

    /// `host - user [time] "METHOD target HTTP/1.1" status bytes …`
    private static func access(in line: Substring) -> Access? {
        let parts = line.split(separator: "\"", omittingEmptySubsequences: false)
        guard parts.count > 2 else { return nil }
        let request = parts[1].split(separator: " ")
        let answer = parts[2].split(separator: " ")
        guard request.count == 3, request[2].hasPrefix("HTTP/"), answer.count == 2, let status = Int(answer[0]),
            let bytes = Int64(answer[1])
        else { return nil }
        return Access(method: String(request[0]), target: String(request[1]), status: status, bytes: bytes)
    }

    deinit {
        kill(process, SIGKILL)
        var status: CInt = 0
        waitpid(process, &status, 0)
    }

    private static func start(_ config: String, log: String) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        let words: [String] = ["docker-registry", "serve", config]
        var arguments = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var child: pid_t = 0
        let code = posix_spawnp(&child, "docker-registry", &actions, nil, &arguments, environ)
        guard code == 0 else {
            throw Unavailable(description: "docker-registry cannot be started: install the package docker-registry")
        }
        return child
    }

    private static func run(_ arguments: [String], package: String) throws -> [UInt8] {
        let outcome: ChildProcess.Outcome
        do {
            outcome = try ChildProcess.run(arguments, timeoutSeconds: 60)
        } catch {
            throw Unavailable(description: "\(arguments[0]) cannot be started: install the package \(package)")
        }
        guard outcome.status == 0 else {
            throw Unavailable(description: "\(arguments[0]): \(String(decoding: outcome.error, as: UTF8.self))")
        }
        return outcome.output
    }

    private static func makeCertificates(in base: String, names: String) throws {
        try FileSystem.writeFile(
            Path("\(base)/names"), Array("subjectAltName=\(names)\n".utf8))
        let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        _ = try run(
            ["openssl", "req", "-x509"] + key + [
                "-keyout", "\(base)/ca.key", "-out", "\(base)/ca.crt", "-subj", "/CN=Test CA", "-days", "2",
            ], package: "openssl")
        _ = try run(
            ["openssl", "req"] + key + [
                "-keyout", "\(base)/server.key", "-out", "\(base)/server.csr", "-subj", "/CN=localhost",
            ], package: "openssl")
        _ = try run(
            [
                "openssl", "x509", "-req", "-in", "\(base)/server.csr", "-CA", "\(base)/ca.crt", "-CAkey",
                "\(base)/ca.key", "-CAcreateserial", "-out", "\(base)/server.crt", "-days", "2", "-extfile",
                "\(base)/names",
            ], package: "openssl")
    }
}
