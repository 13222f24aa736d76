import BuildEngine
import LinuxSystem

/// A secret for the RUN steps that ask for it with `--mount=type=secret`. Its value is read when a step needs it, and is
/// in no layer, history, cache key, log or message.
public struct BuildSecret: Sendable, CustomStringConvertible {
    enum Origin: Sendable {
        case file(String)
        case environment(String)
        case value([UInt8])
    }

    let origin: Origin

    /// The content of a file.
    public static func file(_ path: String) -> BuildSecret { BuildSecret(origin: .file(path)) }

    /// The value of a variable of the builder's environment.
    public static func environment(_ name: String) -> BuildSecret { BuildSecret(origin: .environment(name)) }

    /// These bytes.
    public static func value(_ bytes: [UInt8]) -> BuildSecret { BuildSecret(origin: .value(bytes)) }

    /// Where the value comes from, never the value.
    public var description: String {
        switch origin {
        case .file(let path): "the file \(path)"
        case .environment(let name): "the variable \(name)"
        case .value: "a value"
        }
    }
}

extension BuildSecret: CustomReflectable {
    /// As ``description``: a dump of the options shows no value either.
    public var customMirror: Mirror { Mirror(self, children: ["origin": description]) }
}

extension BuildSecret {
    /// As the engine takes it.
    func source(id: String, environment: [String: String]) throws -> StepSecrets.Source {
        switch origin {
        case .file(let path):
            guard FileSystem.exists(Path(path)) else {
                throw EngineError(.secret, id, "the secret \"\(id)\" is to be the file \(path), which is not there")
            }
            return .file(Path(path))
        case .value(let bytes): return .value(bytes)
        case .environment(let name):
            guard let value = environment[name] else {
                throw EngineError(
                    .secret, id, "the secret \"\(id)\" is to be the variable \(name), which is not in the environment")
            }
            return .value(Array(value.utf8))
        }
    }
}
