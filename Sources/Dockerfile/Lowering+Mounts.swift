import BuildModel
import OCISpec

extension Command {
    /// The stages and images whose files the instruction uses.
    var namedTrees: [ByteText] {
        switch self {
        case .copy(let copy): copy.from.map { [$0] } ?? []
        case .run(let run): run.mounts.compactMap { (try? $0.from()) ?? nil }
        default: []
        }
    }
}

extension Lowering {
    /// Lowers the mounts of a RUN; `trees` gets the steps whose files they take.
    mutating func lower(
        _ flags: [MountFlag], trees: inout [StepID], _ instruction: Instruction, _ state: StageState
    ) throws(Diagnostic) -> [StepMount] {
        var mounts: [StepMount] = []
        var agents = 0
        for flag in flags {
            var mount = StepMount(try placed(try read(flag, instruction, state), agents: &agents, instruction, state))
            if let from = mount.mount.from {
                let tree = try tree(of: Array(from.utf8), instruction, state.stage)
                if !trees.contains(tree) { trees.append(tree) }
                mount.origin = .step(inputIndex: 1 + (trees.firstIndex(of: tree) ?? 0))
            } else if case .bind = mount.mount {
                mount.origin = .context
            }
            mounts.append(mount)
        }
        // As BuildKit orders them, so that one mount can lie within another.
        mounts.sort {
            Array(($0.mount.target ?? "").utf8).lexicographicallyPrecedes(Array(($1.mount.target ?? "").utf8))
        }
        for (mount, next) in zip(mounts, mounts.dropFirst()) {
            guard let target = mount.mount.target, target == next.mount.target else { continue }
            throw error(.badFlag, "two mounts of RUN have the target \(target)", instruction)
        }
        return mounts
    }

    private mutating func read(
        _ flag: MountFlag, _ instruction: Instruction, _ state: StageState
    ) throws(Diagnostic) -> RunMount {
        do {
            return try MountReader.read(flag) { (text) throws(Diagnostic) in
                try self.word(text, instruction, state)
            }
        } catch let problem as MountFlag.Problem {
            throw error(.badFlag, problem.message, instruction, suggestion: problem.suggestion)
        } catch let diagnostic as Diagnostic {
            throw diagnostic
        } catch {
            throw self.error(.badFlag, "--mount=\(flag.text): \(error)", instruction)
        }
    }

    /// With its paths made absolute and its defaults filled in.
    private func placed(
        _ mount: RunMount, agents: inout Int, _ instruction: Instruction, _ state: StageState
    ) throws(Diagnostic) -> RunMount {
        func target(_ text: String) throws(Diagnostic) -> String {
            let path = TreePath.join(state.workingDirectory, Array(text.utf8))
            guard path != [.slash] else {
                throw error(
                    .badFlag,
                    "target=\(text) of --mount is the root of the tree, which cannot be mounted over; name a directory "
                        + "below it", instruction)
            }
            return path.string
        }
        switch mount {
        case .bind(var bind):
            bind.target = try target(bind.target)
            let source = Array(bind.source.utf8)
            bind.source = (bind.from == nil ? TreePath.contextSource(source) : TreePath.source(source)).string
            return .bind(bind)
        case .cache(var cache):
            // Named by the target as it is written, wherever that leads: so BuildKit's caches are shared.
            cache.id = cache.id.flatMap { $0.isEmpty ? nil : $0 } ?? Self.clean(cache.target)
            cache.target = try target(cache.target)
            cache.source = TreePath.source(Array(cache.source.utf8)).string
            if cache.from == nil, cache.source != "." {
                throw error(
                    .badFlag, "source of --mount=type=cache needs from=, the stage or image that it is in", instruction)
            }
            return .cache(cache)
        case .tmpfs(var tmpfs):
            tmpfs.target = try target(tmpfs.target)
            return .tmpfs(tmpfs)
        case .secret(var secret):
            secret.target = try secret.target.map { text throws(Diagnostic) in try target(text) }
            return .secret(secret)
        case .ssh(var ssh):
            ssh.target = try target(ssh.target ?? "/run/buildkit/ssh_agent.\(agents)")
            agents += 1
            return .ssh(ssh)
        }
    }

    /// Go's `path.Clean`, for a relative path too.
    private static func clean(_ path: String) -> String {
        let bytes = Array(path.utf8)
        if bytes.first == .slash { return TreePath.clean(bytes).string }
        let cleaned = TreePath.clean([.slash] + bytes).dropFirst()
        return cleaned.isEmpty ? "." : cleaned.string
    }
}
