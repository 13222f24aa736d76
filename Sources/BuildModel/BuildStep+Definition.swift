import OCISpec

extension BuildStep {
    /// The step's definition as bytes: equal exactly when two steps ask for the same thing.
    ///
    /// Every field is framed by its length, so no two definitions can share an encoding, and text is compared as
    /// bytes (a `String` calls the composed and the decomposed form of "é" equal; a file name does not). What
    /// names a step in a cache is a hash over this and over what its inputs hold. `RunStep.ambientEnvironment` is left
    /// out: it may change without changing what the step means.
    package var definition: [UInt8] {
        var encoder = DefinitionEncoder()
        switch self {
        case .base(let base):
            encoder.append("base")
            encoder.append(base.reference)
            encoder.append(base.platform.description)
            encoder.append(base.platform.osVersion)
            encoder.append(base.platform.osFeatures ?? [])
        case .scratch:
            encoder.append("scratch")
        case .run(let run):
            encoder.append("run")
            encoder.append(run.argv)
            encoder.append(run.environment)
            encoder.append(run.workingDirectory)
            encoder.append(run.user)
            encoder.append(run.network?.rawValue)
            encoder.append(run.scripts)
            encoder.append(run.mounts.flatMap(\.definition))
        case .copy(let copy):
            encoder.append(copy.isAdd ? "add" : "copy")
            encoder.append(copy.sources)
            encoder.append(copy.inlineFiles)
            switch copy.from {
            case .context: encoder.append("context")
            case .step(let index): encoder.append("step \(index)")
            }
            encoder.append(copy.destination)
            encoder.append(copy.owner)
            encoder.append(copy.mode)
        case .workdir(let workdir):
            encoder.append("workdir")
            encoder.append(workdir.path)
            encoder.append(workdir.user)
        }
        return encoder.bytes
    }
}

/// Length-framed fields: eight bytes of length, little end first, then the content.
private struct DefinitionEncoder {
    var bytes: [UInt8] = []

    mutating func append(_ text: String) {
        append(count: text.utf8.count)
        bytes += Array(text.utf8)
    }

    mutating func append(_ text: String?) {
        append(count: text == nil ? 0 : 1)
        if let text { append(text) }
    }

    mutating func append(_ list: [String]) {
        append(count: list.count)
        for text in list { append(text) }
    }

    mutating func append(_ files: [InlineFile]) {
        append(count: files.count)
        for file in files {
            append(file.name)
            append(count: file.content.count)
            bytes += file.content
        }
    }

    private mutating func append(count: Int) {
        for shift in stride(from: 0, to: 64, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: UInt64(count) >> UInt64(shift)))
        }
    }
}
