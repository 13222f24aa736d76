import LinuxSystem

/// Namespaces of its own for every step, overlay or a plain directory, and a root that nothing leads out of: the rungs
/// `root`, `userns` and `single`, which differ in their `NamespaceTraits`.
package struct NamespaceSandbox: Sandbox {
    private let traits: NamespaceTraits

    /// Holds nothing but its traits: one value serves any number of steps at once.
    package init(_ traits: NamespaceTraits = .root) { self.traits = traits }

    package var isolation: Isolation {
        switch traits.user {
        case .initial: .root
        case .entered: .userns
        case .single: .single
        }
    }

    package func run(
        _ spec: SandboxSpec, output: @escaping @Sendable (StepStream, UnsafeRawBufferPointer) -> Void
    ) async throws -> StepOutcome {
        try await StepControl.duringTask { try run(spec, $0, output) }
    }

    private func run(
        _ spec: SandboxSpec, _ control: StepControl, _ output: StepProcess.Output
    ) throws -> StepOutcome {
        let tree = LayeredTree(spec.root, overlayPrefix: traits.overlayPrefix)
        var layout = try TreeLayout(of: spec, in: tree)
        switch spec.root {
        case .overlay(_, _, let work, _):
            guard !layout.missing.isEmpty else { break }
            let stubs = try TemporaryDirectory(in: Self.stubFolder(work), prefix: Self.stubPrefix)
            defer { withExtendedLifetime(stubs) {} }
            try StubLayer.write(layout.missing, of: tree, to: stubs.path)
            layout.stubLayer = stubs.path
            return try start(spec, layout, control, output)
        case .directory(let root):
            let amendments = try TreeAmendments(root: root)
            return try amendments.during {
                for point in layout.missing { try amendments.add(point) }
                try amendments.seal()
                return try start(spec, layout, control, output)
            }
        }
        return try start(spec, layout, control, output)
    }

    /// Where the layer of mount points is made, beside the work directory: another mount point would have to be
    /// somewhere in a tree that is not ours.
    static func stubFolder(_ work: Path) -> Path { work.parent ?? "." }
    static let stubPrefix = "stubs-"

    private func start(
        _ spec: SandboxSpec, _ layout: TreeLayout, _ control: StepControl, _ output: StepProcess.Output
    ) throws -> StepOutcome {
        if case .entered = traits.user { try Self.checkMapped(spec.user) }
        let plan = try SandboxPlan.namespaces(spec, layout: layout, traits: traits)
        var upperDirectory: Path?
        if case .overlay(_, let upper, _, _) = spec.root { upperDirectory = upper }
        return try StepProcess.run(
            plan, control: control, mapIdentities: SingleIdentity.map, links: spec.linkOwners, upper: upperDirectory,
            ledger: spec.ledger, output: output)
    }

    /// The kernel would only say EINVAL to an id that the namespace does not have.
    private static func checkMapped(_ user: SandboxUser) throws(SandboxError) {
        let maps = [
            ("user", [user.uid], UserNamespaceMap.users(), "uid"),
            ("group", [user.gid] + user.groups, UserNamespaceMap.groups(), "gid"),
        ]
        for (word, ids, map, file) in maps {
            guard let foreign = ids.first(where: { !map.covers($0...$0) }) else { continue }
            let last = map.extents.map { UInt64($0.inside) + UInt64($0.count) - 1 }.max() ?? 0
            throw SandboxError(
                .request, "\(word) \(foreign)",
                "the user namespace has ids up to \(last) only: give the builder's user a larger range in /etc/sub\(file), "
                    + "or use --isolation single, which has all")
        }
    }
}
