/// The Docker engine with its own BuildKit, on an engine started for this.
final class DockerPeer: Peer {
    let name = "docker"
    let absence = "apt-get install docker.io, or OCIBUILD_BENCH_DOCKERD and OCIBUILD_BENCH_DOCKER"
    private var daemon: Daemon?
    private var folder = ""
    private let engine = DockerPeer.program("dockerd", variable: "DOCKERD")
    private let client = DockerPeer.program("docker", variable: "DOCKER")

    var version: String? {
        guard let engine, client != nil else { return nil }
        return Command.output("'\(engine)' --version 2>/dev/null")
    }

    var daemons: [Int32] { daemon?.processes ?? [] }
    private var command: String {
        "DOCKER_CONFIG='\(folder)/config' '\(client ?? "docker")' -H 'unix://\(folder)/socket'"
    }

    func start(folder: String, host: String) throws {
        self.folder = folder
        try Command.run("mkdir -p '\(folder)/config'")
        let words = [
            "exec '\(engine ?? "dockerd")' --data-root '\(folder)/root' --exec-root '\(folder)/exec'",
            "-H 'unix://\(folder)/socket' --pidfile '\(folder)/pid' --storage-driver overlay2 --iptables=false",
            "--ip6tables=false --bridge=none --insecure-registry 127.0.0.0/8",
        ]
        daemon = try Daemon(words.joined(separator: " "), log: "\(folder)/log", until: "\(command) version")
        // The client of today needs a plugin for BuildKit, which the engine of old brought itself.
        try Command.run(
            "cd '\(folder)' && mkdir probe && printf 'FROM scratch\\nENV A=1\\n' >probe/Dockerfile && "
                + "DOCKER_BUILDKIT=1 \(command) build -q probe >/dev/null 2>>'\(folder)/log'")
    }

    func stop() {
        daemon?.stop()
        daemon = nil
        _ = try? Command.run("umount -R '\(folder)/exec' 2>/dev/null; umount -R '\(folder)/root' 2>/dev/null; true")
    }

    func reset(priming: (any Peer) throws -> Void) throws {
        try Command.run(
            """
            set -e; \(command) builder prune -af >/dev/null
            \(command) images -aq | sort -u | xargs -r env DOCKER_CONFIG='\(folder)/config' '\(client ?? "docker")' -H 'unix://\(folder)/socket' rmi -f >/dev/null
            \(command) image prune -f >/dev/null
            """)
        try priming(self)
    }

    func empty() throws { try Command.run("\(command) system prune -af --volumes >/dev/null") }

    func build(_ request: BuildRequest) -> String? {
        var line = "DOCKER_BUILDKIT=1 \(command) build -q --network host -t \(request.tag)"
        if let cache = request.cacheFrom { line += " --cache-from \(cache)" }
        if request.cacheTo != nil { line += " --build-arg BUILDKIT_INLINE_CACHE=1" }
        line += " '\(request.context)'"
        if request.pushes { line += " && \(command) push -q \(request.tag)" }
        // Its cache is in the image: it is the image that goes where the cache is looked for.
        if let cache = request.cacheTo {
            line += " && \(command) tag \(request.tag) \(cache) && \(command) push -q \(cache)"
        }
        return line
    }

    func push(_ tag: String, to destination: String, context: String) -> String? {
        "\(command) tag \(tag) \(destination) && \(command) push -q \(destination)"
    }
}
