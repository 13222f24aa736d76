import Archive
import BuildModel
import CLinux
import Glibc
import Layers
import LinuxSystem
import OCIContent
import OCISpec

/// Does COPY, ADD and WORKDIR: they need only the tables of the layers below, so nothing is unpacked for them and their
/// layers are written straight from the sources.
struct CopyExecutor: Sendable {
    let library: LayerLibrary
    let producer: LayerProducer
    let options: EngineOptions

    /// Writes the layer of a copy of `selection`.
    func copy(
        step: Int, _ definition: CopyStep, _ selection: CopySelection, key: StepKey, inputs: StepInputs
    ) async throws -> LayerHandle {
        let tree = try await library.shape(of: inputs.parent)
        let options = self.options
        let store = library.store
        let (entries, keeper) = try await BlockingPool.shared.run { () -> ([CopyLayout.Placed], TemporaryItem?) in
            var selection = selection
            var keeper: TemporaryItem?
            if definition.isAdd {
                for (index, source) in selection.sources.enumerated() {
                    guard !source.isDirectory, let content = source.files[0].content,
                        try ArchiveExpansion.isArchive(content)
                    else { continue }
                    let directory = try keeper ?? store.temporaries.makeDirectory()
                    keeper = directory
                    selection.sources[index] = try ArchiveExpansion.expand(
                        content, written: source.written, in: directory.path, ownership: library.form.ownership)
                }
            }
            var manner = CopyLayout.Manner(owner: nil, mode: nil, time: options.copyTime)
            if let owner = definition.owner {
                let ids = try tree.accounts.owner(of: owner)
                manner.owner = (ids.uid, ids.gid)
            }
            manner.mode = try definition.mode.map { try FileMode($0) }
            var layout = CopyLayout(tree: tree, manner: manner)
            try layout.place(selection, at: definition.destination)
            return (layout.entries, keeper)
        }
        return start(step: step, entries, key: key, inputs: inputs, keeper: keeper)
    }

    /// Writes the layer that makes a working directory, unless it is there.
    func workdir(step: Int, _ definition: WorkdirStep, key: StepKey, parent: LayeredTree) async throws -> LayerHandle {
        let tree = try await library.shape(of: parent)
        let target = try tree.resolve(Path(definition.path).lexicallyNormalized().relative, followFinal: true)
        if !target.isEmpty, let there = tree.lookup(target), there.entry.type != .directory {
            throw EngineError(
                .workingDirectory, definition.path, "WORKDIR \(definition.path) is a file in the image, not a folder")
        }
        var layout = CopyLayout(tree: tree, manner: .init(owner: nil, mode: nil, time: options.copyTime))
        if !target.isEmpty, tree.lookup(target) == nil {
            // The folder is for the commands that follow, and belongs to the user that they run as.
            let user = try tree.accounts.identity(of: definition.user)
            layout.manner.owner = (user.uid, user.gid)
            try layout.placeFolder(target)
        }
        return start(step: step, layout.entries, key: key, inputs: StepInputs(parent: parent), keeper: nil)
    }

    private func start(
        step: Int, _ entries: [CopyLayout.Placed], key: StepKey, inputs: StepInputs, keeper: TemporaryItem?
    ) -> LayerHandle {
        let outcome = producer.start(step: step, key: key, inputs: inputs, snapshot: nil) { writer in
            guard !entries.isEmpty else { return false }
            for item in entries {
                if let content = item.content {
                    let file = try OwnedDescriptor.open(content, O_RDONLY | O_NONBLOCK | CLINUX_O_NOFOLLOW)
                    try writer.append(item.entry, contentOf: file)
                } else if let bytes = item.bytes {
                    try writer.append(item.entry, bytes: bytes)
                } else {
                    try writer.append(item.entry)
                }
            }
            // What an archive was unpacked to must outlive the reading of it.
            withExtendedLifetime(keeper) {}
            return true
        }
        return LayerHandle(snapshot: nil, outcome: outcome)
    }
}
