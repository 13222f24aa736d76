import Archive
import BuildModel
import LinuxSystem

extension Solver {
    /// Adds what a RUN's mounts are and show, for the step's key. Files of the context go in by content; those of a
    /// stage by the stage's own key, which is among the parents; of a secret its name.
    func add(_ mounts: [StepMount], of id: StepID, to key: consuming StepKey.Builder) async throws -> StepKey {
        for mount in mounts { key.add(["mount"] + mount.definition) }
        var sources: [String] = []
        for case .bind(let bind) in mounts.filter({ $0.origin == .context }).map(\.mount) {
            sources.append(bind.source)
        }
        guard !sources.isEmpty else { return key.finish() }
        key.add(options.copyTime.keyText)
        for source in sources {
            let selection = try await located(id) { try await self.contextMount(source) }
            let preserved = options.copyTime == .preserved
            let digest = try await BlockingPool.shared.run {
                var builder = StepKey.Builder("mounted content 3")
                selection.value.addContent(to: &builder)
                if preserved { selection.value.addTimes(to: &builder) }
                return builder.finish()
            }
            key.add(digest.hex)
        }
        return key.finish()
    }

    /// The files of the context that a bind mount shows: those that COPY would find there.
    private func contextMount(_ source: String) async throws -> Boxed<CopySelection> {
        guard let context else {
            throw EngineError(
                .noContext, source,
                "there is no build context to mount \"\(source)\" from: name a folder on the command line, as in \"ocibuild build .\""
            )
        }
        return try await mountSelections.value(for: source) { [threads = options.compressionThreads] in
            let selected = try await BlockingPool.shared.run { Boxed(value: try context.select(literal: source)) }
            return try await context.digests.completed(selected, threads: threads)
        }
    }

    /// What the mounts of a RUN take their files from, by their positions.
    func sources(of mounts: [StepMount], _ node: BuildPlan.Node) async throws -> [Int: MountSource] {
        var sources: [Int: MountSource] = [:]
        for (index, mount) in mounts.enumerated() {
            switch mount.origin {
            case .context:
                if case .bind(let bind) = mount.mount { sources[index] = .context(try await contextMount(bind.source)) }
            case .step(let input):
                let name = "stage \"\(plan[node.inputs[input]].stage)\""
                sources[index] = .tree(try await tree(of: node.inputs[input]), name: name)
            case nil: break
            }
        }
        return sources
    }
}
