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
        try await choice.value(for: true) { [self] in try await choose() }.run(job)
    }

    private func choose() async throws -> any RunExecutor {
        let storeRoot = self.storeRoot
        let isolation: Isolation
        if let wanted = preparation.options.isolation {
            isolation = wanted
        } else {
            let rungs = try await BlockingPool.shared.run { SandboxProbe.report(storeRoot: storeRoot) }
            isolation = SandboxProbe.strongest(of: rungs)
            if isolation != .root {
                let reasons = rungs.prefix { !$0.available }.map { "\($0.isolation.rawValue): \($0.reason)" }
                    .joined(separator: "; ")
                guard isolation != .none else {
                    throw EngineError(
                        .isolation, isolation.rawValue,
                        "this command cannot be run; no sandbox works on this machine (\(reasons)): \"ocibuild doctor\" "
                            + "says what would allow one")
                }
                report(.warning("RUN uses the \"\(isolation.rawValue)\" sandbox (\(reasons))"))
            }
        }
        switch isolation {
        case .root:
            return OverlayRunExecutor(
                library: library, producer: producer, preparation: preparation, sandbox: NamespaceSandbox())
        case .chroot:
            return ChrootRunExecutor(
                library: library, producer: producer, preparation: preparation, sandbox: ChrootSandbox())
        case .userns, .single, .none:
            throw EngineError(
                .isolation, isolation.rawValue,
                "this command cannot be run; --isolation \(isolation.rawValue) forbids it: use --isolation root or chroot"
            )
        }
    }
}
