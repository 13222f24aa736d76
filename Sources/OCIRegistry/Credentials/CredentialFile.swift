import FoundationEssentials
import Glibc
import LinuxSystem
import OCISpec

/// One credential file in the format of Docker's `config.json`, which Podman's `auth.json` shares. What we do not know
/// in it is kept as it is.
struct CredentialFile {
    /// Where the content came from, for messages.
    let name: String
    private var root: [String: JSONValue]

    /// Parses a file's content.
    init(name: String, parsing bytes: [UInt8]) throws(RegistryError) {
        self.name = name
        do {
            let isBlank = bytes.allSatisfy { $0 == 0x20 || (0x09...0x0d).contains($0) }
            let value = isBlank ? .object([:]) : try CanonicalJSON.decode(JSONValue.self, from: bytes)
            guard case .object(let members) = value else { throw SpecError(.documentContent, name, "not an object") }
            root = members
        } catch {
            throw RegistryError(
                code: "CREDENTIAL_FILE", subject: name, message: "is not a credential file: \(error)",
                nextStep: "repair or remove it")
        }
    }

    /// Reads the file; nil if there is none.
    static func read(_ path: String) throws(RegistryError) -> CredentialFile? {
        let bytes: [UInt8]
        do {
            bytes = try FileSystem.readFile(Path(path), limit: 4 << 20)
        } catch {
            if error.errno == .noEntry || error.errno.code == ENOTDIR { return nil }
            throw RegistryError(
                code: "CREDENTIAL_FILE", subject: path, message: "cannot be read: \(error.errno)",
                nextStep: "check its owner and mode")
        }
        return try CredentialFile(name: path, parsing: bytes)
    }

    /// An empty one.
    static func empty(_ path: String) -> CredentialFile { CredentialFile(name: path, root: [:]) }

    private init(name: String, root: [String: JSONValue]) {
        self.name = name
        self.root = root
    }

    /// The helper that this file names for a registry alone.
    func ownHelper(registry: String) -> String? {
        let wanted = RegistryKey.normalized(registry)
        return root["credHelpers"]?.members.first { RegistryKey.normalized($0.key) == wanted }?.value.text
    }

    /// The helper that this file names for all registries.
    var commonHelper: String? { root["credsStore"]?.text.flatMap { $0.isEmpty ? nil : $0 } }

    /// The credential written in the file itself, of the key that says most about the repository.
    func credential(registry: String, repository: String?) throws(RegistryError) -> Credential? {
        var entries: [String: [String: JSONValue]] = [:]
        // Sorted, so that of two spellings of one key the same one wins each time.
        for (key, value) in (root["auths"]?.members ?? [:]).sorted(by: { $0.key < $1.key }) {
            let plain = RegistryKey.normalized(key)
            if entries[plain] == nil || entries[plain]?.isEmpty == true { entries[plain] = value.members }
        }
        for candidate in RegistryKey.candidates(registry: registry, repository: repository) {
            guard let entry = entries[candidate], let credential = try credential(of: entry, key: candidate) else {
                continue
            }
            return credential
        }
        return nil
    }

    private func credential(of entry: [String: JSONValue], key: String) throws(RegistryError) -> Credential? {
        if let token = entry["registrytoken"]?.text, !token.isEmpty { return .registryToken(token) }
        if let token = entry["identitytoken"]?.text, !token.isEmpty { return .identityToken(token) }
        if let encoded = entry["auth"]?.text, !encoded.isEmpty {
            let decoded = Data(base64Encoded: encoded).map { Array($0) } ?? []
            // Old versions of Docker padded with NUL.
            let bytes = decoded.prefix { $0 != 0 }
            guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")) else {
                throw RegistryError(
                    code: "CREDENTIAL_FILE", subject: name, message: "the entry for \(key) does not hold USER:PASSWORD",
                    nextStep: "run: ocibuild login \(key)")
            }
            return .basic(
                username: String(decoding: bytes[..<colon], as: UTF8.self),
                password: String(decoding: bytes[(colon + 1)...], as: UTF8.self))
        }
        if let username = entry["username"]?.text, let password = entry["password"]?.text, !username.isEmpty {
            return .basic(username: username, password: password)
        }
        return nil
    }

    /// Whether `auths` has an entry for a registry, in any spelling.
    func mentions(registry: String) -> Bool { !keys(registry).isEmpty }

    private func keys(_ registry: String) -> [String] {
        let wanted = RegistryKey.normalized(registry)
        return (root["auths"]?.members ?? [:]).keys.filter { RegistryKey.normalized($0) == wanted }
    }

    /// Replaces the entry of a registry.
    mutating func set(_ entry: [String: String], registry: String) {
        remove(registry: registry)
        var auths = root["auths"]?.members ?? [:]
        auths[RegistryKey.written(registry)] = .object(entry.mapValues { .string($0) })
        root["auths"] = .object(auths)
    }

    /// Removes the entry of a registry in every spelling.
    mutating func remove(registry: String) {
        var auths = root["auths"]?.members ?? [:]
        for key in keys(registry) { auths[key] = nil }
        root["auths"] = .object(auths)
    }

    /// Writes the file in one step, readable by its owner only.
    func write() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        let bytes = Array(try encoder.encode(JSONValue.object(root))) + [UInt8(ascii: "\n")]
        // A link to the file, as dotfile managers make it, stays a link.
        var target = Path(name)
        if let resolved = realpath(name, nil) {
            target = Path(String(cString: resolved))
            free(resolved)
        } else if let folder = target.parent {
            try FileSystem.makeDirectories(folder, mode: 0o700)
        }
        try FileSystem.writeAtomically(bytes, to: target, mode: 0o600)
    }
}
