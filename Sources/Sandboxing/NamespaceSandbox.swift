import LinuxSystem

/// The `root` rung: namespaces of its own for every step, overlay, and a root that nothing leads out of. Needs
/// CAP_SYS_ADMIN. System calls are not filtered; `SandboxOperation.seccomp` is the place for that.
package struct NamespaceSandbox: Sandbox {
    /// Holds nothing: one value serves any number of steps at once.
    package init() {}

    package var isolation: Isolation { .root }

    package func run(
        _ spec: SandboxSpec, output: @escaping @Sendable (StepStream, UnsafeRawBufferPointer) -> Void
    ) async throws -> StepOutcome {
        try await StepControl.duringTask { try Self.run(spec, $0, output) }
    }

    private static func run(
        _ spec: SandboxSpec, _ control: StepControl, _ output: StepProcess.Output
    ) throws -> StepOutcome {
        let tree = LayeredTree(spec.root)
        var layout = try TreeLayout(of: spec, in: tree)
        switch spec.root {
        case .overlay(_, _, let work, _):
            guard !layout.missing.isEmpty else { break }
            // Beside the work directory: another mount point would have to be somewhere in a tree that is not ours.
            let stubs = try TemporaryDirectory(in: work.parent ?? ".", prefix: "stubs-")
            defer { withExtendedLifetime(stubs) {} }
            try StubLayer.write(layout.missing, of: tree, to: stubs.path)
            layout.stubLayer = stubs.path
            return try StepProcess.run(.namespaces(spec, layout: layout), control: control, output: output)
        case .directory(let root):
            let amendments = try TreeAmendments(root: root)
            return try amendments.during {
                for point in layout.missing { try amendments.add(point) }
                try amendments.seal()
                return try StepProcess.run(.namespaces(spec, layout: layout), control: control, output: output)
            }
        }
        return try StepProcess.run(.namespaces(spec, layout: layout), control: control, output: output)
    }
}
