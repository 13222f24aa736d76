import OCIBuild
import OCIRegistry
import OCISpec

/// `ocibuild cache`: what `build --cache-to` has written.
enum CacheVerb {
    static let verb = Verb(
        name: "cache", chapter: .registries,
        summary: "Work with caches that builds share",
        members: [prune],
        run: { _, _ in throw UsageError(verb: "cache", message: "cache needs a command, such as `cache prune`") })

    static let olderThan = Flag.option(
        "older-than", .text("TIME"), "How old what goes must be, such as 14d or 36h; 0 for all. Default: 14d.")

    private static let prune = Verb(
        name: "cache prune", chapter: .registries,
        summary: "Take old results out of a shared cache",
        details: [
            "Only what builds have written with --cache-to goes; other images of the repository stay. A registry must allow "
                + "that manifests are deleted, and frees their bytes when it collects its garbage."
        ],
        operands: [
            Verb.Operand(
                name: "CACHE", count: 1...1,
                help: "As in --cache-from: a repository's name, type=registry,ref=NAME or type=local,src=DIR.")
        ],
        flags: [olderThan, CommonFlags.json] + RegistryFlags.all,
        examples: [
            (
                line: "ocibuild cache prune --older-than 14d registry.example/app/cache",
                meaning: "In a nightly job of the pipeline."
            )
        ],
        run: run)

    static func run(_ arguments: Arguments, _ console: Console) async throws -> Int32 {
        let session = Session("cache prune", arguments, console)
        let text = try arguments.operandTexts(of: "cache prune")[0]
        let option = try CacheOption(text, of: "cache-from", folderField: "src", verb: "cache prune")
        let age = arguments.text(olderThan) ?? "14d"
        guard let duration = Quantity.duration(age) else {
            throw session.failure("--older-than \"\(TerminalText.escape(age))\" is no time such as 14d or 36h")
        }
        var registries: [Reference] = []
        if case .registry(let reference) = option.place { registries = [reference] }
        let outcome: CachePruning
        do {
            outcome = try await session.builder(registries: registries).pruneCache(option.place, olderThan: duration)
        } catch let error as RegistryError where error.status == 405 || error.code == "UNSUPPORTED" {
            throw CommandError(
                "\(TerminalText.escape(text)): the registry does not let manifests be deleted; have its operator allow it "
                    + "(REGISTRY_STORAGE_DELETE_ENABLED=true for docker-registry), or use the registry's own rules for "
                    + "old tags, which all begin with \"ocibuild-\"")
        }
        if arguments.isOn(CommonFlags.json) {
            try console.print(json: outcome)
        } else {
            let freed = outcome.freedBytes.map { ", \(Measure.size($0)) freed" } ?? ""
            console.print("\(outcome.removed) removed, \(outcome.kept) kept\(freed)")
        }
        return ExitStatus.success
    }
}
