import BuildModel

/// FROM and the instructions up to the next one.
struct Stage: Sendable, Hashable {
    /// Position in the file, from 0.
    let index: Int
    /// After AS, in lower case; nil where there is none.
    let name: String?
    /// What it starts from, before expansion.
    let base: ByteText
    /// The value of `--platform`, before expansion.
    let platform: ByteText?
    /// The FROM instruction.
    let node: InstructionNode
    var instructions: [Instruction] = []

    /// The name, or the number where there is none.
    var label: String { name ?? String(index) }
}
