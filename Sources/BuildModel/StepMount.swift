/// A mount of a step in a plan: every path is absolute, and what it takes files from is one of the step's inputs.
package struct StepMount: Hashable, Sendable {
    /// What is mounted. Its target is absolute and clean; its `from` is for messages only.
    package var mount: RunMount
    /// Where its files are; nil where it needs none.
    package var origin: CopySource?

    /// Makes a mount that takes its files from `origin`.
    package init(_ mount: RunMount, origin: CopySource? = nil) {
        self.mount = mount
        self.origin = origin
    }

    /// The position of the tree that it takes files from in the node's inputs, or nil.
    package var inputIndex: Int? {
        if case .step(let index) = origin { index } else { nil }
    }

    /// What is wrong with it; nil where nothing is.
    var problem: String? {
        guard let target = mount.target else { return nil }
        if !target.hasPrefix("/") { return "the target of its \(mount.type) mount is not absolute" }
        return target == "/" ? "the target of its \(mount.type) mount is the root" : nil
    }

    /// All that two equal mounts have in common, as text fields. Never a secret's value, only its name.
    package var definition: [String] {
        let origin =
            switch origin {
            case nil: "none"
            case .context: "context"
            case .step(let index): "step \(index)"
            }
        var plain = mount
        switch plain {
        case .bind(var bind):
            bind.from = nil
            plain = .bind(bind)
        case .cache(var cache):
            cache.from = nil
            plain = .cache(cache)
        case .tmpfs, .secret, .ssh: break
        }
        return [origin, plain.flag]
    }
}
