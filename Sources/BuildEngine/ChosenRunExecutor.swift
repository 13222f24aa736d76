import LinuxSystem
import Sandboxing

/// Takes the rung of the sandbox ladder when the first command is to be run: a build whose steps are all cached, or
/// that has no RUN, never asks what the machine allows.
final class ChosenRunExecutor: RunExecutor {
    private let library: LayerLibrary
    private let producer: LayerProducer
    private let preparation: RunPreparation
    private let storeRoot: Path
    private let report: @Sendable (BuildEvent) -> Void
    private let choice = SharedWork<Bool, any RunExecutor>()

    init(
        library: LayerLibrary, producer: LayerProducer, preparation: RunPreparation, storeRoot: Path,
        report: @escaping @Sendable (BuildEvent) -> Void
    ) {
        self.library = library
        self.producer = producer
        self.preparation = preparation
        self.storeRoot = storeRoot
        self.report = report
    }

    func run(_ job: RunJob) async throws -> LayerHandle {
        let executor = try await choice.value(for: true) { [self] in try await choose() }
        return try await executor.run(job)
    }

    private func choose() async throws -> any RunExecutor {
        let options = preparation.options
        let choice = RungChoice(
            wanted: options.isolation, minimum: options.minimumIsolation, possible: SandboxProbe.possible)
        let probe = SandboxProbe(storeRoot: storeRoot)
        let found = try await BlockingPool.shared.run { () -> (RungReport, [RungReport]) in
            var refused: [RungReport] = []
            let chosen = try choice.pick { rung in
                let found = probe.report(rung)
                if !found.available { refused.append(found) }
                return found
            }
            return (chosen, refused)
        }
        let (rung, refused) = found
        let why = refused.isEmpty ? "" : "; \(RungChoice.list(refused))"
        report(.isolation(rung.isolation.rawValue, reason: rung.reason + why))
        return executor(rung, probe)
    }

    private func executor(_ rung: RungReport, _ probe: SandboxProbe) -> any RunExecutor {
        let sandbox: any Sandbox = rung.traits.map { NamespaceSandbox($0) } ?? ChrootSandbox()
        let copied = CopiedTreeRunExecutor(
            library: library, producer: producer, preparation: preparation, sandbox: sandbox)
        guard let traits = rung.traits, traits.overlay != .refused else { return copied }
        let limits = OverlayLimits(marks: traits.overlay) { probe.takesLowersOneByOne(traits) }
        return OverlayRunExecutor(
            library: library, producer: producer, preparation: preparation, sandbox: sandbox, limits: limits,
            deep: copied)
    }
}
