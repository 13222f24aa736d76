import LinuxSystem
import OCIBuild

/// The values of `--secret` and `--ssh`, as docker's own command reads them.
enum SecretOption {
    /// Reads `id=NAME[,type=file|env][,src=FILE][,env=VARIABLE]`. With nothing but a name it is the variable of that name
    /// or, where there is none, the file.
    static func secret(
        _ text: String, environment: (String) -> String?
    ) throws(UsageError) -> (id: String, secret: BuildSecret) {
        var fields: [String: String] = [:]
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let mark = part.firstIndex(of: "=") else { throw problem(text, "\"\(part)\" is not KEY=VALUE") }
            let key = part[..<mark].lowercased()
            guard let known = keys[key] else {
                throw problem(
                    text, "it has no key \"\(key)\"", hint: Suggestion.nearest(to: key, among: Array(keys.keys)))
            }
            fields[known] = String(part[part.index(after: mark)...])
        }
        guard let id = fields["id"], !id.isEmpty else { throw problem(text, "it has no id=NAME") }
        switch fields["type"] {
        case nil, "":
            if let name = fields["env"] { return (id, .environment(name)) }
            if let path = fields["src"] { return (id, .file(path)) }
            return (id, environment(id) == nil ? .file(id) : .environment(id))
        case "file": return (id, .file(fields["src"] ?? id))
        case "env": return (id, .environment(fields["env"] ?? fields["src"] ?? id))
        case let type?: throw problem(text, "its type is file or env, not \"\(type)\"")
        }
    }

    private static let keys = ["id": "id", "type": "type", "src": "src", "source": "src", "env": "env"]

    /// Reads `default`, or `NAME=SOCKET`; the default agent is the one that SSH_AUTH_SOCK names.
    static func agent(
        _ text: String, environment: (String) -> String?
    ) throws(UsageError) -> (id: String, socket: String) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let id = parts[0].isEmpty ? "default" : parts[0]
        if parts.count == 2, !parts[1].isEmpty {
            if parts[1].contains(","), !FileSystem.exists(Path(parts[1])) {
                throw UsageError(
                    verb: "build",
                    message:
                        "--ssh \(TerminalText.escape(text)): keys are not read here; add them to an agent with ssh-add, and "
                        + "name its socket")
            }
            let status = (try? FileSystem.statusIfPresent(Path(parts[1]), following: true)) ?? nil
            if let status, status.type != .socket {
                throw UsageError(
                    verb: "build",
                    message:
                        "--ssh \(TerminalText.escape(text)): \(TerminalText.escape(parts[1])) is no socket; add the key to an "
                        + "agent with ssh-add, and name the agent's socket")
            }
            return (id, parts[1])
        }
        guard let socket = environment("SSH_AUTH_SOCK"), !socket.isEmpty else {
            throw UsageError(
                verb: "build",
                message:
                    "--ssh \(TerminalText.escape(text)): SSH_AUTH_SOCK is not set; start an agent with \"eval $(ssh-agent)\", "
                    + "or name its socket: --ssh \(TerminalText.escape(id))=SOCKET")
        }
        return (id, socket)
    }

    private static func problem(_ text: String, _ why: String, hint: String? = nil) -> UsageError {
        let more = hint.map { "; did you mean \($0)?" } ?? ""
        return UsageError(
            verb: "build",
            message:
                "--secret \(TerminalText.escape(text)): \(TerminalText.escape(why))\(more) (--secret id=NAME,src=FILE or "
                + "--secret id=NAME,env=VARIABLE)")
    }
}
