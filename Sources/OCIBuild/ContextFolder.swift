import BuildEngine
import Dockerfile
import Glibc
import LinuxSystem

/// The build context as files lie on disk: its canonical path, its ignore file, the time of its last commit.
struct ContextFolder {
    let root: Path

    init(_ path: String) throws {
        guard let resolved = realpath(path, nil) else {
            throw SystemError("open the build context", Path(path))
        }
        defer { free(resolved) }
        root = Path(String(cString: resolved))
        guard try FileSystem.status(root).type == .directory else {
            throw SystemError("open the build context", root, errno: .notDirectory)
        }
    }

    /// The ignore file that applies: the one named, else `<Dockerfile>.dockerignore`, `.containerignore`,
    /// `.dockerignore`.
    func ignorePatterns(named: String?, dockerfile: Path?) throws -> (patterns: IgnorePatterns, name: String)? {
        var candidates: [Path] = []
        if let named {
            candidates = [Path(named)]
        } else {
            if let dockerfile { candidates.append(Path(bytes: dockerfile.bytes + Array(".dockerignore".utf8))) }
            candidates += [root / ".containerignore", root / ".dockerignore"]
        }
        for candidate in candidates {
            do {
                let bytes = try FileSystem.readFile(candidate, limit: 16 << 20)
                return (try IgnorePatterns(parsing: bytes), candidate.lastComponent?.description ?? ".dockerignore")
            } catch let error as SystemError where error.errno == .noEntry && named == nil {
                continue
            }
        }
        return nil
    }

    /// The time of the commit that the folder's checkout is at, in seconds since 1970; nil outside a git checkout. May run
    /// git, which blocks.
    func commitTime(_ environment: [String: String] = RegistryOptions.processEnvironment) -> Int64? {
        guard let checkout = GitCheckout(above: root, environment: environment) else { return nil }
        return checkout.commitTime() ?? askGit(environment)
    }

    private func askGit(_ environment: [String: String]) -> Int64? {
        guard let path = root.string,
            let outcome = try? ChildProcess.run(
                // A checkout of another user's is as good as one's own, but its configuration may name programs: for
                // signatures, which `rev-list` unlike `log` does not look at, and for fetching what a partial clone lacks.
                ["git", "-c", "safe.directory=*", "-C", path, "rev-list", "--max-count=1", "--timestamp", "HEAD"],
                environment: environment.merging(
                    ["GIT_ALLOW_PROTOCOL": "none", "GIT_NO_LAZY_FETCH": "1"]) { $1 },
                timeoutSeconds: 10),
            outcome.status == 0
        else { return nil }
        return Int64(String(decoding: outcome.output.prefix { $0 >= 0x30 && $0 <= 0x39 }, as: UTF8.self))
    }
}
