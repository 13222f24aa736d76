/// kaniko, which unpacks into the root of its own container: each build gets a new and empty one.
final class KanikoPeer: Peer {
    let name = "kaniko"
    let absence = "put kaniko's executor on the PATH as `kaniko`, or name it by OCIBUILD_BENCH_KANIKO"
    private var folder = ""
    private var host = ""
    private var round = 0
    private let executor = KanikoPeer.program("kaniko", variable: "KANIKO")

    var version: String? { executor.flatMap { Command.output("'\($0)' version 2>/dev/null | tail -n 1") } }

    func start(folder: String, host: String) throws {
        self.folder = folder
        self.host = host
        try Command.run(
            "mkdir -p '\(folder)/kaniko' && cp '\(executor ?? "kaniko")' '\(folder)/kaniko/executor'")
    }

    /// It keeps nothing on the disk: its cache is a repository, and a new one is an empty one.
    func reset(priming: (any Peer) throws -> Void) throws { round += 1 }

    func empty() throws { round += 1 }

    func build(_ request: BuildRequest) -> String? {
        let cache = request.cacheFrom ?? request.cacheTo ?? "\(host)/kaniko/cache-\(round)"
        let output = request.pushes ? "--destination \(request.tag)" : "--no-push"
        return """
            R=$(mktemp -d '\(folder)/root.XXXXXX') && mkdir "$R/kaniko" "$R/workspace" "$R/proc" "$R/dev" "$R/etc" "$R/tmp" \
            && cp -l '\(folder)/kaniko/executor' "$R/kaniko/" && exec unshare -m sh -c 'mount --bind "$2" "$1/workspace" \
            && mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" && exec chroot "$1" /kaniko/executor --force \
            --context dir:///workspace --dockerfile /workspace/Dockerfile --insecure --insecure-pull --skip-tls-verify \
            --ignore-path /workspace --cache=true --cache-copy-layers --cache-repo \(cache) \(output)' sh "$R" '\(request.context)'
            """
    }

    /// It pushes only what it has just built.
    func push(_ tag: String, to destination: String, context: String) -> String? { nil }
}
