import LinuxSystem

extension SandboxPlan {
    /// What a step keeps on the `chroot` rung: without the two that lead out of a chroot, by another chroot or by the
    /// device file of the host's disk.
    static let chrootCapabilities = Capabilities.container.subtracting([.makeNode, .changeRoot])

    /// The plan of the `chroot` rung: no namespace, no mount. Files and devices are in the tree already.
    static func chroot(_ spec: SandboxSpec) throws(SandboxError) -> SandboxPlan {
        guard case .directory(let root) = spec.root else {
            throw SandboxError(.request, "chroot", "it runs in a plain directory; overlay needs CAP_SYS_ADMIN")
        }
        guard spec.network == .host else {
            throw SandboxError(
                .request, "network=none",
                "the chroot sandbox cannot take the network away; that needs the root sandbox (--isolation=root)")
        }
        var plan = SandboxPlan(namespaces: [])
        plan.operations = [.changeRoot(root)] + surrender(to: spec, keeping: chrootCapabilities)
        try plan.setCommand(of: spec)
        return plan
    }
}
