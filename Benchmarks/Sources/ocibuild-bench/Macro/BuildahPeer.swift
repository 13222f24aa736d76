/// buildah, and podman, which builds by the same library.
final class BuildahPeer: FilePeer, Peer {
    let name: String

    /// `buildah` or `podman`.
    init(_ name: String) { self.name = name }

    var absence: String { "apt-get install \(name)" }
    var version: String? { Command.output("\(name) --version 2>/dev/null") }
    override var mounted: String? { "\(folder)/store/root/overlay" }

    private var command: String {
        "\(name) --root '\(folder)/store/root' --runroot '\(folder)/store/run' --storage-driver overlay"
            + (name == "podman" ? " --cgroup-manager cgroupfs --events-backend file" : "")
    }

    func reset(priming: (any Peer) throws -> Void) throws { try restore { try priming(self) } }

    func build(_ request: BuildRequest) -> String? {
        var line = "\(command) build -q --layers --isolation chroot --pull=false --tls-verify=false -t \(request.tag)"
        if let cache = request.cacheFrom { line += " --cache-from \(cache)" }
        if let cache = request.cacheTo { line += " --cache-to \(cache)" }
        line += " '\(request.context)'"
        guard request.pushes else { return "exec " + line }
        return line + " && exec \(command) push -q --tls-verify=false \(request.tag)"
    }

    func push(_ tag: String, to destination: String, context: String) -> String? {
        "exec \(command) push -q --tls-verify=false \(tag) docker://\(destination)"
    }
}
