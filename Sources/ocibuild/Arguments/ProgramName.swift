/// The name that the program was started under. Links to it may be called like other programs whose users it serves.
enum ProgramName: String, Sendable {
    case ocibuild
    /// `docker image inspect` and `docker image pull` are about local images and registries, never the catalogue.
    case docker
    /// `beaker image …` is always about the catalogue.
    case beaker

    /// The name of this process; anything unknown counts as `ocibuild`.
    static var current: ProgramName {
        guard CommandLine.argc > 0, let pointer = CommandLine.unsafeArgv[0] else { return .ocibuild }
        return ProgramName(path: String(cString: pointer))
    }

    /// The name in a path.
    init(path: String) {
        self = path.split(separator: "/").last.flatMap { ProgramName(rawValue: String($0)) } ?? .ocibuild
    }
}
