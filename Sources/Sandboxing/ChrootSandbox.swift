import LinuxSystem

/// The `chroot` rung, for root without CAP_SYS_ADMIN, as in an ordinary container: no mount and no namespace. It keeps
/// a step's files apart from the host's, its processes from outliving the step and its capabilities to those of a
/// container without device nodes and chroot(2). It is not a security boundary: the step shares process ids, System V
/// IPC and the network with the builder, and there is no /proc in it.
package struct ChrootSandbox: Sandbox {
    /// Holds nothing: one value serves any number of steps at once.
    package init() {}

    package var isolation: Isolation { .chroot }

    /// The tree must be a plain directory that nothing else uses meanwhile.
    package func run(
        _ spec: SandboxSpec, output: @escaping @Sendable (StepStream, UnsafeRawBufferPointer) -> Void
    ) async throws -> StepOutcome {
        try await StepControl.duringTask { try Self.run(spec, $0, output) }
    }

    private static func run(
        _ spec: SandboxSpec, _ control: StepControl, _ output: StepProcess.Output
    ) throws -> StepOutcome {
        guard case .directory(let root) = spec.root else {
            throw SandboxError(.request, "chroot", "it runs in a plain directory, not in an overlay")
        }
        let plan = try SandboxPlan.chroot(spec)
        let layout = try TreeLayout(of: spec, in: LayeredTree(spec.root), kernelDirectories: ["/dev"])
        let privateFiles = try PrivateFiles(spec.privateFiles)
        let amendments = try TreeAmendments(root: root)
        return try amendments.during {
            try fill(try amendments.replaceDirectory("/dev"), in: root, privateFiles)
            for mount in layout.mounts?.mounts ?? [] { try amendments.put(mount) }
            for file in layout.files { try amendments.put(file.target, content: file.content, mode: file.mode) }
            try amendments.seal()
            return try StepProcess.run(plan, control: control, output: output)
        }
    }

    /// What can be had of /dev without a mount. The links lead to /proc, which is not there: better a failure than a
    /// regular file of that name that keeps what was written to it.
    private static func fill(_ devices: Path, in root: Path, _ files: PrivateFiles) throws(SystemError) {
        for (name, device) in StandardDevices.nodes {
            try FileSystem.makeNode(devices / name, type: .characterDevice, mode: 0o666, device: device)
            try FileSystem.setMode(devices / name, 0o666)
        }
        for (name, target) in StandardDevices.links { try FileSystem.symlink(target: target, at: devices / name) }
        try FileSystem.makeDirectory(devices / "shm")
        try FileSystem.setMode(devices / "shm", 0o1777)
        for directory in [StandardDevices.privateDirectory] + files.directories {
            try FileSystem.makeDirectory(root / directory)
            try FileSystem.setMode(root / directory, 0o755)
        }
        for (path, file) in files.files {
            try FileSystem.writeFile(root / path, file.content, mode: 0o600)
            try FileSystem.setMode(root / path, file.mode)
        }
    }
}
