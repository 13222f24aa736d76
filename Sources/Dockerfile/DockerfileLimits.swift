/// Bounds on what a definition may ask of the builder. Real files stay far below; a hostile one meets a clear error
/// instead of exhausting memory.
enum DockerfileLimits {
    /// Bytes of the whole file.
    static let fileSize = 4 << 20
    /// Bytes of one instruction with its continuation lines (BuildKit refuses a line above 65,535).
    static let instructionSize = 1 << 20
    /// Instructions of one file.
    static let instructionCount = 10_000
    /// Bytes of one word after expansion: the kernel takes no longer argument or environment entry (128 KiB).
    static let wordSize = (128 << 10) - 1
    /// What all expansions of one build may cost: a unit for each byte made and each step of pattern matching.
    static let expansionCost = 32 << 20
    /// Depth of `${a:-${b:-…}}`.
    static let nesting = 64
    /// Ports that one EXPOSE range may name: all of them.
    static let ports = 65_536
}
