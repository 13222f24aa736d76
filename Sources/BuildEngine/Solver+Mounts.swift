import Archive
import BuildModel
import LinuxSystem
import Synchronization

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
        key.add("\(options.copyTime)")
        var digests: [[UInt8]] = []
        var files: [StepInputs.ReadFile] = []
        for source in sources {
            let selection = try await located(id) { try await self.contextMount(source) }
            let (digest, read) = try await BlockingPool.shared.run { try self.digest(of: selection) }
            digests.append(digest)
            files += read
        }
        filesRead.withLock { [files] in $0[id] = files }
        for digest in digests { key.add(bytes: digest) }
        return key.finish()
    }

    private func digest(of selection: Boxed<CopySelection>) throws -> ([UInt8], [StepInputs.ReadFile]) {
        guard let context else { return ([], []) }
        var builder = StepKey.Builder("mounted content 1")
        var files: [StepInputs.ReadFile] = []
        try selection.value.addContent(to: &builder) { file in
            guard let content = file.content else { return [] }
            let status = try FileSystem.status(content)
            files.append(StepInputs.ReadFile(path: content, status: status))
            return try context.digests.digest(of: content, status: status)
        }
        if options.copyTime == .preserved {
            for source in selection.value.sources {
                for file in source.files { builder.add("\(file.entry.modified.seconds)") }
            }
        }
        return (Array(builder.finish().hex.utf8), files)
    }

    /// The files of the context that a bind mount shows: those that COPY would find there.
    private func contextMount(_ source: String) async throws -> Boxed<CopySelection> {
        guard let context else {
            throw EngineError(
                .noContext, source,
                "there is no build context to mount \"\(source)\" from: name a folder on the command line, as in \"ocibuild build .\""
            )
        }
        return try await mountSelections.value(for: source) {
            try await BlockingPool.shared.run { Boxed(value: try context.select(literal: source)) }
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
