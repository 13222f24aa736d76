import OCIBuild

/// `ocibuild prune`.
enum PruneVerb {
    static let all = Flag.toggle("all", short: "a", "The build cache too, and what cache mounts hold.")

    static let verb = Verb(
        name: "prune", chapter: .machine,
        summary: "Free what no image needs",
        details: ["While a build or a transfer uses the store, nothing is freed."],
        flags: [all, CommonFlags.json],
        handlesTrees: true,
        run: run)

    static func run(_ arguments: Arguments, _ console: Console) async throws -> Int32 {
        let outcome = try await Session("prune", arguments, console).builder().prune(all: arguments.isOn(all))
        for warning in outcome.warnings { console.warn(warning) }
        if arguments.isOn(CommonFlags.json) {
            try console.print(json: outcome)
        } else {
            console.print(
                "freed \(Measure.size(outcome.freedBytes)): \(outcome.blobs) blobs, \(outcome.snapshots) unpacked layers, "
                    + "\(outcome.steps) cached steps")
        }
        return ExitStatus.success
    }
}
