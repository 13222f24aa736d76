import Glibc
import LinuxSystem

/// A real registry (Debian's docker-registry) on a free loopback port, over a folder. It ends with the value.
final class RegistryServer: Sendable {
    /// `127.0.0.1:PORT`, as it stands in references.
    let host: String
    private let process: pid_t

    /// Starts it over `folder` and waits until it answers.
    init(in folder: Path) async throws {
        try FileSystem.makeDirectories(folder)
        for _ in 0..<20 {
            let port = Int.random(in: 20000..<30000)
            let host = "127.0.0.1:\(port)"
            let settings = """
                version: 0.1
                log: {level: warn, accesslog: {disabled: true}}
                storage: {filesystem: {rootdirectory: \(folder)/data}, delete: {enabled: true}}
                http: {addr: "\(host)"}
                """
            try FileSystem.writeFile(folder / "config.yml", Array(settings.utf8))
            // The shell leaves it running and says its number.
            let command =
                "command -v docker-registry >/dev/null || exit 127; "
                + "docker-registry serve \"$1/config.yml\" >\"$1/log\" 2>&1 </dev/null & echo $!"
            let said = try await Tool.run(["sh", "-c", command, "sh", "\(folder)"])
            let process = pid_t(said.prefix(while: \.isNumber)) ?? 0
            for _ in 0..<100 where process > 0 && kill(process, 0) == 0 {
                let probe = try await Tool.attempt(["curl", "--noproxy", "*", "-fsS", "http://\(host)/v2/"])
                if probe.status == 0 {
                    self.host = host
                    self.process = process
                    return
                }
                try await Task.sleep(for: .milliseconds(50))
            }
            if process > 0 { kill(process, SIGKILL) }
        }
        throw Tool.Failure(
            arguments: ["docker-registry"], status: 1,
            said: String(decoding: try FileSystem.readFile(folder / "log"), as: UTF8.self))
    }

    deinit { kill(process, SIGTERM) }
}
