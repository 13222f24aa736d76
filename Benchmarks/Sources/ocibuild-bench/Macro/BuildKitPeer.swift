/// BuildKit as its own daemon, asked by buildctl.
final class BuildKitPeer: Peer {
    let name = "buildkit"
    let absence = "put buildkitd and buildctl on the PATH, or name them by OCIBUILD_BENCH_BUILDKITD and _BUILDCTL"
    private var daemon: Daemon?
    private var folder = ""
    private let engine = BuildKitPeer.program("buildkitd", variable: "BUILDKITD")
    private let client = BuildKitPeer.program("buildctl", variable: "BUILDCTL")

    var version: String? {
        guard let engine, client != nil else { return nil }
        return Command.output("'\(engine)' --version 2>/dev/null")
    }

    var daemons: [Int32] { daemon?.processes ?? [] }
    var blobs: String? { "\(folder)/root/runc-overlayfs/content/blobs" }
    private var command: String { "'\(client ?? "buildctl")' --addr 'unix://\(folder)/socket'" }

    func start(folder: String, host: String) throws {
        self.folder = folder
        try Command.run(
            "mkdir -p '\(folder)' && printf '[registry.\"\(host)\"]\\n  http = true\\n' >'\(folder)/config.toml'")
        let words = [
            "exec '\(engine ?? "buildkitd")' --root '\(folder)/root' --addr 'unix://\(folder)/socket'",
            "--config '\(folder)/config.toml' --oci-worker=true --containerd-worker=false --oci-worker-net=host",
            "--oci-worker-snapshotter=overlayfs --oci-worker-gc=false",
            "--allow-insecure-entitlement=network.host",
        ]
        daemon = try Daemon(words.joined(separator: " "), log: "\(folder)/log", until: "\(command) debug workers")
    }

    func stop() {
        daemon?.stop()
        daemon = nil
        _ = try? Command.run("umount -R '\(folder)/root' 2>/dev/null; true")
    }

    func reset(priming: (any Peer) throws -> Void) throws {
        try empty()
        try priming(self)
    }

    func empty() throws { try Command.run("\(command) prune --all >/dev/null") }

    func build(_ request: BuildRequest) -> String? {
        line(request.context, name: request.tag, pushes: request.pushes, request.cacheFrom, request.cacheTo)
    }

    func push(_ tag: String, to destination: String, context: String) -> String? {
        line(context, name: destination, pushes: true, nil, nil)
    }

    /// `#6 exporting layers 15.6s done`, without the times that it told on the way there.
    func exportSeconds(in log: String) -> Double? {
        let told = " exporting layers "
        guard let line = log.split(separator: "\n").last(where: { $0.contains(told) && $0.hasSuffix("s done") }),
            let start = line.firstRange(of: told)?.upperBound
        else { return nil }
        return Double(line[start...].dropLast("s done".count))
    }

    private func line(_ context: String, name: String, pushes: Bool, _ from: String?, _ to: String?) -> String {
        var line = "exec \(command) build --progress plain --frontend dockerfile.v0 --local context='\(context)'"
        line += " --local dockerfile='\(context)' --allow network.host --opt force-network-mode=host"
        line += " --output type=image,name=\(name),push=\(pushes)"
        if let from { line += " --import-cache type=registry,ref=\(from)" }
        if let to { line += " --export-cache type=registry,ref=\(to),mode=max" }
        return line
    }
}
