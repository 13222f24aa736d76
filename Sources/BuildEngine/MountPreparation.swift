import Archive
import BuildModel
import Layers
import LinuxSystem
import OCIContent
import Sandboxing

/// Where a mount's files are, as far as the solver knows.
enum MountSource: Sendable {
    /// Files of the build context.
    case context(Solver.Boxed<CopySelection>)
    /// The tree of a stage or image, and what messages call it.
    case tree(LayeredTree, name: String)
}

/// The mounts of one step, and what must outlive the step's command.
struct PreparedMounts: Sendable {
    var mounts: [SandboxMount] = []
    /// Variables that the step gets besides, which nothing may record.
    var variables: [(name: String, value: String)] = []
    fileprivate var keepers: [any Sendable] = []
    fileprivate var snapshots: [Snapshots.ID] = []

    /// To be called when the command has ended.
    func release(_ library: LayerLibrary) {
        for id in snapshots { library.snapshots.discard(id) }
    }
}

/// Makes ready what a step's mounts show: copies of the context, views of other trees, caches, secrets, agents.
final class MountPreparation: Sendable {
    private let library: LayerLibrary
    private let options: EngineOptions
    private let caches: CacheMounts
    /// Copies of the context's files that steps read, by source.
    private let copies = SharedWork<String, TemporaryItem>()
    /// Secrets that were read, by id. Once only: a FIFO, as a shell's `<(command)` is, gives its content once.
    private let secrets = SharedWork<String, [UInt8]?>()

    /// What the sandbox can do to show files at a place of a step's tree.
    enum Means {
        /// Mount an overlay of several directories, as many as there may be, or one directory.
        case overlay(OverlayLimits)
        /// Mount one directory or file.
        case bind
        /// Move it into the step's tree and back.
        case move

        var isMove: Bool { if case .move = self { true } else { false } }
    }

    /// What is mounted has this name where it lies.
    private static let content: Path = "content"

    init(library: LayerLibrary, options: EngineOptions, storeRoot: Path) {
        self.library = library
        self.options = options
        caches = CacheMounts(storeRoot: storeRoot)
    }

    /// Makes everything ready for a sandbox that has these means.
    func prepare(_ job: RunJob, means: Means) async throws -> PreparedMounts {
        var prepared = PreparedMounts()
        do {
            let leases = try await openCaches(job, alone: means.isMove)
            for (index, mount) in job.definition.mounts.enumerated() {
                switch mount.mount {
                case .bind(let bind):
                    guard let source = job.sources[index] else { continue }
                    try await add(bind, source, means: means, to: &prepared)
                case .cache(let cache):
                    guard let lease = leases[index] else { continue }
                    prepared.keepers.append(lease)
                    prepared.mounts.append(
                        SandboxMount(
                            .tree(root: lease.folder, path: "data", isReadOnly: cache.isReadOnly), at: cache.target))
                case .tmpfs(let tmpfs):
                    prepared.mounts.append(SandboxMount(.temporary(size: tmpfs.size), at: tmpfs.target))
                case .secret(let secret): try await add(secret, means: means, to: &prepared)
                case .ssh(let ssh): try add(ssh, to: &prepared)
                }
            }
            return prepared
        } catch {
            prepared.release(library)
            throw error
        }
    }

    // MARK: Files

    private func add(
        _ bind: RunMount.Bind, _ source: MountSource, means: Means, to prepared: inout PreparedMounts
    ) async throws {
        if means.isMove {
            return try await addCopy(bind, source, to: &prepared)
        }
        // Nobody else may see what is written to it.
        if case .bind = means, bind.isWritable { return try await addCopy(bind, source, to: &prepared) }
        let lowers: [Path]
        let path: Path
        switch source {
        case .context:
            let item = try await copies.value(for: bind.source) { try await self.copy(source, bind.source) }
            prepared.keepers.append(item)
            (lowers, path) = ([item.path], Self.content)
        case .tree(let tree, let name):
            let merged = try await library.merged(tree)
            try TreeSelection(tree: merged, layers: [], name: name, ownership: library.form.ownership)
                .requirePresent(bind.source)
            let ids = try await library.unpacked(tree.solid()).reversed()
            lowers = ids.map { library.snapshots.tree($0) }
            path = Path(bind.source)
        }
        // One directory that nobody writes to is shown as it is; it has no marks of an overlay.
        if lowers.count == 1, !bind.isWritable {
            let tree = SandboxMount.Content.tree(root: lowers[0], path: path, isReadOnly: true)
            return prepared.mounts.append(SandboxMount(tree, at: bind.target))
        }
        guard case .overlay(let limits) = means, try await limits.admit(lowers, of: library.snapshots) else {
            return try await addCopy(bind, source, to: &prepared)
        }
        let overlay = try overlay(of: lowers, for: &prepared)
        prepared.mounts.append(
            SandboxMount(.merged(overlay, path: path, isReadOnly: !bind.isWritable), at: bind.target))
    }

    private func addCopy(
        _ bind: RunMount.Bind, _ source: MountSource, to prepared: inout PreparedMounts
    ) async throws {
        let item = try await copy(source, bind.source)
        prepared.keepers.append(item)
        prepared.mounts.append(
            SandboxMount(.tree(root: item.path, path: Self.content, isReadOnly: !bind.isWritable), at: bind.target))
    }

    /// A view of several directories; what is written to it goes into a snapshot that is discarded with the step.
    private func overlay(
        of lowers: [Path], for prepared: inout PreparedMounts
    ) throws -> SandboxMount.OverlayTree {
        let snapshots = library.snapshots
        let id = try snapshots.create()
        prepared.snapshots.append(id)
        let point = snapshots.folder / Path(id) / "mount"
        try FileSystem.makeDirectory(point)
        let lowers = lowers.isEmpty ? [try snapshots.empty()] : lowers
        try library.form.prepare(upper: snapshots.tree(id), lowers: lowers)
        return SandboxMount.OverlayTree(
            lowers: lowers, upper: snapshots.tree(id), work: snapshots.work(id), point: point, base: snapshots.folder)
    }

    /// A copy of a mount's files in a folder of its own.
    private func copy(_ source: MountSource, _ path: String) async throws -> TemporaryItem {
        let folder = try library.store.temporaries.makeDirectory()
        try await write(source, path, to: folder.path / Self.content)
        return folder
    }

    private func write(_ source: MountSource, _ path: String, to target: Path) async throws {
        let selection: Solver.Boxed<CopySelection>
        switch source {
        case .context(let selected): selection = selected
        case .tree(let tree, let name):
            let merged = try await library.merged(tree)
            let layers = try await library.unpacked(tree.solid()).map { library.snapshots.tree($0) }
            let tree = TreeSelection(
                tree: merged, layers: layers, name: name, ownership: library.form.ownership)
            selection = try await BlockingPool.shared.run { Solver.Boxed(value: try tree.select(literal: path)) }
        }
        let writer = SelectionWriter(time: options.copyTime, ownership: library.form.ownership)
        try await BlockingPool.shared.run {
            for source in selection.value.sources { try writer.write(source, to: target) }
        }
    }

    // MARK: Caches

    /// The caches by the mounts' positions. They are waited for in the order of their names, so that no two steps wait
    /// for one another.
    private func openCaches(_ job: RunJob, alone: Bool) async throws -> [Int: CacheMounts.Lease] {
        var wanted: [(name: String, index: Int, cache: RunMount.Cache)] = []
        for (index, mount) in job.definition.mounts.enumerated() {
            guard case .cache(let cache) = mount.mount else { continue }
            var origin: String?
            if case .tree(let tree, _) = job.sources[index] { origin = try await tree.chain().description }
            wanted.append((CacheMounts.name(cache, origin: origin, form: library.form), index, cache))
        }
        var open: [String: CacheMounts.Lease] = [:]
        var leases: [Int: CacheMounts.Lease] = [:]
        // Of two mounts of one cache the one that does not share it decides.
        func order(_ item: (name: String, index: Int, cache: RunMount.Cache)) -> (String, Int, Int) {
            (item.name, item.cache.sharing == .shared ? 1 : 0, item.index)
        }
        for (name, index, cache) in wanted.sorted(by: { order($0) < order($1) }) {
            if open[name] != nil, alone {
                throw EngineError(
                    .mount, cache.target,
                    "the cache \"\(cache.id ?? "")\" cannot be at two places of one step without CAP_SYS_ADMIN; use the "
                        + "root sandbox (--isolation=root)")
            }
            if open[name] == nil {
                open[name] = try await caches.open(cache, name: name, alone: alone) { path in
                    try await fill(path, cache, from: job.sources[index])
                }
            }
            leases[index] = open[name]
        }
        return leases
    }

    private func fill(_ path: Path, _ cache: RunMount.Cache, from source: MountSource?) async throws {
        if let source {
            try await write(source, cache.source, to: path)
            guard try FileSystem.status(path).type == .directory else {
                throw EngineError(
                    .mount, cache.source, "\(cache.source) cannot fill the cache at \(cache.target): it is no directory"
                )
            }
            return
        }
        try FileSystem.makeDirectory(path, mode: 0o700)
        let access = cache.access
        let entry = ArchiveEntry(
            path: path, type: .directory, mode: access.mode ?? 0o755, uid: access.uid ?? 0, gid: access.gid ?? 0)
        try library.form.ownership.describe(path, as: entry)
    }

    // MARK: Secrets

    private func add(_ secret: RunMount.Secret, means: Means, to prepared: inout PreparedMounts) async throws {
        let id = secret.id
        let given = try await secrets.value(for: id) { [options] in
            try await BlockingPool.shared.run { try options.secrets.value(of: id) }
        }
        guard let value = given else {
            guard secret.isRequired else { return }
            throw EngineError(
                .secret, id,
                "the step needs the secret \"\(id)\", which was not given: pass it with --secret id=\(id),src=FILE or "
                    + "--secret id=\(id),env=VARIABLE")
        }
        if let variable = secret.variable {
            guard !value.contains(0), let text = String(validating: value, as: UTF8.self) else {
                throw EngineError(
                    .secret, id,
                    "the secret \"\(id)\" cannot be the variable \(variable), because it is not text: mount it as a file "
                        + "with target=")
            }
            prepared.variables.append((variable, text))
        }
        guard let target = secret.target else { return }
        guard !means.isMove else {
            throw EngineError(
                .secret, id,
                "the secret \"\(id)\" cannot be a file here: without CAP_SYS_ADMIN it would lie on the disk. Hand it over "
                    + "as a variable, with --mount=type=secret,id=\(id),env=NAME, or use the root sandbox")
        }
        let access = secret.access
        prepared.mounts.append(
            SandboxMount(
                .file(value, mode: access.mode ?? 0o400, uid: access.uid ?? 0, gid: access.gid ?? 0), at: target))
    }

    private func add(_ ssh: RunMount.SSH, to prepared: inout PreparedMounts) throws {
        guard let agent = options.secrets.agents[ssh.id] else {
            guard ssh.isRequired else { return }
            let flag = ssh.id == "default" ? "--ssh default" : "--ssh \(ssh.id)=SOCKET"
            throw EngineError(
                .agent, ssh.id, "the step needs the SSH agent \"\(ssh.id)\", which was not given: pass it with \(flag)")
        }
        let folder = try library.store.temporaries.makeDirectory()
        let access = ssh.access
        let relay = try AgentRelay(
            folder: folder.path, name: Self.content, mode: access.mode ?? 0o600,
            owner: library.form.ownership == .recorded ? nil : (access.uid ?? 0, access.gid ?? 0), agent: agent)
        prepared.keepers += [relay, folder]
        guard let target = ssh.target else { return }
        prepared.mounts.append(
            SandboxMount(.tree(root: folder.path, path: Self.content, isReadOnly: false), at: target))
        if !prepared.variables.contains(where: { $0.name == "SSH_AUTH_SOCK" }) {
            prepared.variables.append(("SSH_AUTH_SOCK", target))
        }
    }
}
