/// A builder that takes part.
protocol Peer: AnyObject {
    var name: String { get }
    /// What it is by, where it takes part in more than one way.
    var tool: String { get }
    /// Its version, as it tells it itself; nil where it is not installed: then `absence` says what was looked for.
    var version: String? { get }
    /// What to install.
    var absence: String { get }
    /// The processes that do the work in its place.
    var daemons: [Int32] { get }
    /// Where it keeps the layers that it has written, compressed as they are sent; nil where it keeps none like that.
    var blobs: String? { get }

    /// Makes it ready in an empty folder of its own, daemons started. `host` is the registry.
    func start(folder: String, host: String) throws
    /// Ends what it started.
    func stop()
    /// Forgets all but the bases, which `prime`, a line of shell that builds from each of them, has brought.
    func reset(priming: (any Peer) throws -> Void) throws
    /// Forgets everything.
    func empty() throws
    /// The line of shell that builds; nil where it cannot do that.
    func build(_ request: BuildRequest) -> String?
    /// The line of shell that sends an image, built under the name `tag`, to `destination`; nil where it cannot.
    func push(_ tag: String, to destination: String, context: String) -> String?
    /// The line of shell that fetches and unpacks an image; nil where a build of `FROM image` does it.
    func pull(_ image: String) -> String?
    /// How long writing the layers took, where it says so in what it printed.
    func exportSeconds(in log: String) -> Double?
}

extension Peer {
    var tool: String { name }
    var daemons: [Int32] { [] }
    var blobs: String? { nil }
    func stop() {}
    func pull(_ image: String) -> String? { nil }
    func exportSeconds(in log: String) -> Double? { nil }

    /// The program that an environment variable names, or that is on the PATH.
    static func program(_ name: String, variable: String) -> String? {
        Command.output("command -v \"${OCIBUILD_BENCH_\(variable):-\(name)}\"")
    }
}
