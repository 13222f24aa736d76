/// ocibuild itself.
final class OCIBuildPeer: FilePeer, Peer {
    let name: String
    let tool = "ocibuild"
    let binary: String
    /// The codec, where it is not the default one.
    private let compression: String?
    let absence = "build it: make build, or name one by --ocibuild"

    init(binary: String, compression: String? = nil) {
        self.binary = binary
        self.compression = compression
        name = compression.map { "ocibuild-\($0)" } ?? "ocibuild"
    }

    var version: String? { Command.output("'\(binary)' version 2>/dev/null | head -n 1") }

    var blobs: String? { "\(folder)/store/blobs" }

    private var command: String { "'\(binary)' --root '\(folder)/store'" }

    func reset(priming: (any Peer) throws -> Void) throws { try restore { try priming(self) } }

    func build(_ request: BuildRequest) -> String? {
        var line = "exec \(command) build -q --network host --insecure \(host) -t \(request.tag)"
        if let compression { line += " --compression \(compression)" }
        if request.pushes { line += " --push" }
        if let cache = request.cacheFrom { line += " --cache-from type=registry,ref=\(cache)" }
        if let cache = request.cacheTo { line += " --cache-to type=registry,ref=\(cache),mode=max" }
        return line + " '\(request.context)'"
    }

    func push(_ tag: String, to destination: String, context: String) -> String? {
        "exec \(command) push -q --insecure \(host) \(tag) \(destination)"
    }

    /// Makes an image of a file tree and sends it to the registry, with a store of its own.
    func publish(_ tar: String, as reference: String, host: String, store: String) throws {
        try Command.run(
            """
            set -e; '\(binary)' --root '\(store)' import -c 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
            '\(tar)' \(reference) >/dev/null 2>&1
            '\(binary)' --root '\(store)' push -q --insecure \(host) \(reference) >/dev/null
            """)
    }
}
