import LinuxSystem

/// The trees that a step works on.
struct StepInputs: Sendable {
    /// What the step changes.
    let parent: LayeredTree
    /// What a COPY --from, or mounts of a RUN, take their files out of, in the order of the node's inputs.
    var sources: [LayeredTree] = []
    /// The files of the context that the step's key was made of, as they were then.
    var files: [ReadFile] = []

    /// A file of the context whose content went into a key.
    struct ReadFile: Sendable {
        let path: Path
        let status: FileStatus

        /// True while nothing has written to the file, renamed or replaced it.
        var isUnchanged: Bool {
            guard let now = try? FileSystem.status(path) else { return false }
            return now.inode == status.inode && now.device == status.device && now.size == status.size
                && now.modified == status.modified && now.changed == status.changed
        }
    }

    /// The stacks of layers of `sources` in words; nil where there are none.
    func sourceChains() async throws -> String? {
        var chains: [String] = []
        for source in sources { chains.append(try await source.chain().description) }
        return chains.isEmpty ? nil : chains.joined(separator: " ")
    }

    /// False where a file changed between the making of the key and the writing of the layer: then the layer is not
    /// what the key promises, and no other build may have it by that key. Stats every file.
    var areUnchanged: Bool { files.allSatisfy(\.isUnchanged) }
}
