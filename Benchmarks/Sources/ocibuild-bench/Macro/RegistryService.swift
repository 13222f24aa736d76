import Glibc

/// A registry on this machine, behind a proxy that counts, and a web server for packages.
final class RegistryService {
    /// `127.0.0.1:port` of the proxy: what every builder is told.
    let host: String
    /// Where the packages are served, without a slash at the end.
    let packages: String
    private let proxy: CountingProxy
    private let processes: [pid_t]

    /// Starts both; what they keep is in `folder`, and `packages` is what the web server shows.
    init(folder: String, packages: String) throws {
        guard Command.exists("docker-registry") else {
            throw BenchError("builds are measured with a registry: apt-get install docker-registry")
        }
        let (port, other) = (try Self.freePort(), try Self.freePort())
        try Command.run(
            """
            set -e; mkdir -p '\(folder)'; cat >'\(folder)/config.yml' <<'CONFIG'
            version: 0.1
            log: {level: warn, accesslog: {disabled: true}}
            storage: {filesystem: {rootdirectory: \(folder)/data}, delete: {enabled: true}}
            http: {addr: "127.0.0.1:\(port)"}
            CONFIG
            """)
        let registry = try Command.spawn(
            "exec docker-registry serve '\(folder)/config.yml' >'\(folder)/log' 2>&1")
        let server = try Command.spawn(
            "cd '\(packages)' && exec python3 -m http.server -b 127.0.0.1 \(other) >/dev/null 2>&1")
        processes = [registry, server]
        proxy = try CountingProxy(to: port)
        host = "127.0.0.1:\(proxy.port)"
        self.packages = "http://127.0.0.1:\(other)"
        for port in [port, other] { try Self.wait(for: port) }
    }

    var traffic: CountingProxy.Traffic { proxy.traffic }

    func stop() {
        proxy.close()
        for process in processes { Command.stop(process) }
    }

    private static func freePort() throws -> Int {
        let proxy = try CountingProxy(to: 1)
        defer { proxy.close() }
        return proxy.port
    }

    /// Until somebody listens there.
    private static func wait(for port: Int) throws {
        for _ in 0..<200 {
            let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
            defer { close(descriptor) }
            var address = CountingProxy.loopback(UInt16(port))
            let connected = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
            if connected { return }
            usleep(50_000)
        }
        throw BenchError("nothing answers on port \(port) of 127.0.0.1")
    }
}
