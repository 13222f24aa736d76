import LinuxSystem

extension TreeAmendments {
    /// Puts a mount's content into the tree, where nothing can be mounted. Those that lie in an earlier one are put
    /// there after it.
    func put(_ mount: MountLayout.Placed) throws {
        switch mount.content {
        case .tree(let root, let path, _): try lend(root / path, at: mount.target)
        case .temporary: try FileSystem.setMode(try replaceDirectory(mount.target), 0o1777)
        case .merged, .file:
            throw SandboxError(
                .request, mount.target.description,
                "cannot be mounted without CAP_SYS_ADMIN; use the root sandbox (--isolation=root)")
        }
    }
}
