import OCISpec

/// `ocibuild version`.
enum VersionVerb {
    /// The version of this program.
    static let current = "0.1.0"

    /// What `--json` prints.
    struct Report: Encodable {
        let version: String
        let architecture: String
        let os: String
    }

    static let verb = Verb(
        name: "version", chapter: .machine, summary: "Show the version", flags: [CommonFlags.json], run: run)

    static func run(_ arguments: Arguments, _ console: Console) async throws -> Int32 {
        if arguments.isOn(CommonFlags.json) {
            let host = Platform.host
            try console.print(json: Report(version: current, architecture: host.architecture, os: host.os))
        } else {
            console.print("ocibuild \(current)")
        }
        return 0
    }
}
