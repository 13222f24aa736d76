import Archive
import BuildModel
import LinuxSystem
import OCISpec

extension Solver {
    /// The cache key of a node; needs no step to be done.
    func key(of id: StepID) async throws -> StepKey {
        try await keys.value(for: id) { [self] in
            let node = plan[id]
            var parents: [StepKey] = []
            for input in node.inputs { parents.append(try await key(of: input)) }
            switch node.step {
            case .scratch:
                let builder = StepKey.Builder("scratch 1")
                return builder.finish()
            case .base(let step):
                var builder = StepKey.Builder("base 1")
                let base = try base(step)
                builder.add(base.config.rootfs.diffIDs.map(\.description))
                builder.add(step.platform.description)
                return builder.finish()
            case .run(let step):
                var builder = StepKey.Builder("run 2")
                builder.add(parents.map(\.hex))
                builder.add(step.argv)
                builder.add(step.environment)
                builder.add(step.workingDirectory)
                builder.add(step.user)
                let isAlone = (step.network ?? options.network) == .none
                builder.add(isAlone ? "none" : "host")
                builder.add(isAlone ? [] : options.surroundings.extraHosts)
                builder.add(options.clampModified.map(String.init))
                builder.add(step.scripts)
                return try await add(step.mounts, of: id, to: builder)
            case .workdir(let step):
                var builder = StepKey.Builder("workdir 2")
                builder.add(parents.map(\.hex))
                builder.add(step.path)
                builder.add(step.user)
                builder.add(options.copyTime.keyText)
                builder.add(options.clampModified.map(String.init))
                return builder.finish()
            case .copy(let step):
                return try await copyKey(id, step, parents)
            }
        }
    }

    private func copyKey(_ id: StepID, _ step: CopyStep, _ parents: [StepKey]) async throws -> StepKey {
        var builder = StepKey.Builder(step.isAdd ? "add 2" : "copy 2")
        builder.add(parents.map(\.hex))
        builder.add(step.sources)
        builder.add(step.destination)
        builder.add(step.owner)
        builder.add(step.mode)
        builder.add(options.copyTime.keyText)
        builder.add(options.clampModified.map(String.init))
        builder.add(step.inlineFiles)
        guard case .context = step.from, !step.sources.isEmpty else { return builder.finish() }
        let selection = try await located(id) { try await self.contextSelection(id, step) }
        let prefix = builder.finish()
        let preserved = options.copyTime == .preserved
        return try await BlockingPool.shared.run {
            var builder = StepKey.Builder("content 4")
            builder.add(prefix.hex)
            selection.value.addContent(to: &builder)
            if preserved { selection.value.addTimes(to: &builder) }
            return builder.finish()
        }
    }

    /// The files of the context that a COPY takes, with their digests; found once.
    func contextSelection(_ id: StepID, _ step: CopyStep) async throws -> Boxed<CopySelection> {
        if step.sources.isEmpty { return Boxed(value: CopySelection(sources: [])) }
        guard let context else {
            throw EngineError(
                .noContext, step.sources.joined(separator: " "),
                "there is no build context to copy \"\(step.sources.joined(separator: " "))\" from: name a folder on the command line, as in \"ocibuild build .\""
            )
        }
        return try await selections.value(for: id) { [threads = options.compressionThreads] in
            let selected = try await BlockingPool.shared.run {
                do {
                    return Boxed(value: try context.select(step.sources))
                } catch let error as EngineError
                    where error.code == .sourceNotFound && step.absoluteSources.contains(error.subject)
                {
                    throw EngineError(
                        .sourceNotFound, error.subject,
                        "\(error.message); sources are looked up in the context: a file of another image or stage is copied with COPY --from=NAME /\(error.subject) (add(from: image, \"/\(error.subject)\", …) of an Image)"
                    )
                }
            }
            return try await context.digests.completed(selected, threads: threads)
        }
    }
}
