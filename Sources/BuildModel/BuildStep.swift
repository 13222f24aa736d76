/// One build operation that yields a file tree. Settings such as ENV or CMD are edits of the configuration,
/// never steps.
///
/// Closed on purpose: a new kind of step is a compile error in every place that must learn of it.
package enum BuildStep: Hashable, Sendable {
    /// The tree of an image.
    case base(BaseStep)
    /// The empty tree.
    case scratch
    /// Runs a command on its parent tree.
    case run(RunStep)
    /// Copies files of the context, or of another tree, onto its parent tree.
    case copy(CopyStep)
    /// Makes a working directory where the parent tree lacks it.
    case workdir(WorkdirStep)
}

extension BuildStep {
    /// Whether the step starts a tree and so takes no inputs.
    package var isRoot: Bool {
        switch self {
        case .base, .scratch: true
        case .run, .copy, .workdir: false
        }
    }
}
