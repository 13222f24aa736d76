/// skopeo and umoci one after the other: fetched and unpacked, nothing built.
final class UnpackPeer: FilePeer, Peer {
    let name = "skopeo+umoci"
    let absence = "apt-get install skopeo umoci"
    var version: String? {
        Command.output("skopeo --version && umoci --version").map { $0.replacing("\n", with: ", ") }
    }

    func reset(priming: (any Peer) throws -> Void) throws { try empty() }
    func build(_ request: BuildRequest) -> String? { nil }
    func push(_ tag: String, to destination: String, context: String) -> String? { nil }

    func pull(_ image: String) -> String? {
        "cd '\(folder)/store' && skopeo copy -q --src-tls-verify=false docker://\(image) oci:image:1"
            + " && exec umoci unpack --image image:1 tree"
    }
}
