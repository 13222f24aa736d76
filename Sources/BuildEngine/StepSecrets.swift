import Glibc
import LinuxSystem

/// What the caller of a build entrusts to its RUN steps: secrets and SSH agents, by the names that steps know them by.
/// A value is read when a step needs it, and is in no description.
package struct StepSecrets: Sendable, CustomStringConvertible {
    /// Where a secret's value is.
    package enum Source: Sendable, CustomStringConvertible {
        /// In a file.
        case file(Path)
        /// Here.
        case value([UInt8])

        package var description: String {
            switch self {
            case .file(let path): "the file \(path)"
            case .value: "a value"
            }
        }
    }

    /// No secret is larger, in bytes: they are keys and passwords. BuildKit has the same limit.
    static let limit = 500 << 10

    /// Secrets by id.
    package var secrets: [String: Source]
    /// Sockets of SSH agents by id.
    package var agents: [String: Path]

    /// None, unless told.
    package init(secrets: [String: Source] = [:], agents: [String: Path] = [:]) {
        self.secrets = secrets
        self.agents = agents
    }

    package var description: String {
        "secrets \(secrets.keys.sorted()), agents \(agents.keys.sorted())"
    }

    /// The secret's value; nil where the caller gave none of that name.
    func value(of id: String) throws -> [UInt8]? {
        switch secrets[id] {
        case nil: return nil
        case .value(let value):
            guard value.count <= Self.limit else { throw tooLarge(id) }
            return value
        case .file(let path):
            do {
                return try FileSystem.readFile(path, limit: Self.limit)
            } catch {
                if error.errno == Errno(code: EFBIG) { throw tooLarge(id) }
                throw EngineError(.secret, id, "the secret \"\(id)\" cannot be read: \(error)")
            }
        }
    }

    private func tooLarge(_ id: String) -> EngineError {
        EngineError(
            .secret, id, "the secret \"\(id)\" has more than \(Self.limit >> 10) KiB, the most that a secret may have")
    }
}
