import FoundationEssentials
import Glibc
import LinuxSystem
import OCISpec

/// A program `docker-credential-NAME` that keeps credentials, spoken to as
/// <https://github.com/docker/docker-credential-helpers> describes. Secrets go over its standard input and output only.
struct CredentialProgram: Sendable {
    private struct Answer: Decodable {
        var username: String?
        var secret: String?

        enum CodingKeys: String, CodingKey {
            case username = "Username"
            case secret = "Secret"
        }
    }

    private struct Entry: Encodable {
        var server: String
        var username: String
        var secret: String

        enum CodingKeys: String, CodingKey {
            case server = "ServerURL"
            case username = "Username"
            case secret = "Secret"
        }
    }

    private static let timeoutSeconds = 10.0
    private static let outputLimit = 64 << 10

    let program: String
    private let environment: [String: String]

    /// `name` as configured: letters, digits, "-", "_" and "." only, so that it can be nothing but a program's name.
    init(name: String, environment: [String: String]) throws(RegistryError) {
        let allowed = name.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
            default: false
            }
        }
        guard allowed, !name.isEmpty, name.utf8.count <= 64, !name.hasPrefix("."), !name.hasPrefix("-") else {
            throw RegistryError(
                code: "CREDENTIAL_HELPER", subject: RegistryError.quoted(name, limit: 64),
                message: "is not the name of a credential helper",
                nextStep: "check credsStore and credHelpers in the credential file")
        }
        program = "docker-credential-\(name)"
        self.environment = environment
    }

    /// The credential kept for a registry; nil if the helper has none.
    func credential(for registry: String) throws -> Credential? {
        let outcome = try run("get", Array(try Self.server(registry).utf8))
        guard outcome.status == 0 else {
            let words = String(decoding: outcome.output + outcome.error, as: UTF8.self)
            if words.contains("not found") || words.contains("no credentials") { return nil }
            throw failure("failed with status \(outcome.status)")
        }
        guard let answer = try? CanonicalJSON.decode(Answer.self, from: outcome.output), let secret = answer.secret
        else {
            throw failure("gave an answer that is not a credential")
        }
        guard let username = answer.username, !username.isEmpty else { return nil }
        return username == "<token>" ? .identityToken(secret) : .basic(username: username, password: secret)
    }

    /// Keeps a credential.
    func store(username: String, secret: String, registry: String) throws {
        let entry = Entry(server: try Self.server(registry), username: username, secret: secret)
        let outcome = try run("store", try CanonicalJSON.encode(entry))
        guard outcome.status == 0 else { throw failure("could not keep the credential (status \(outcome.status))") }
    }

    /// Forgets what is kept for a registry.
    func erase(registry: String) throws {
        _ = try run("erase", Array(try Self.server(registry).utf8))
    }

    private static func server(_ registry: String) throws(RegistryError) -> String {
        let name = RegistryKey.written(registry)
        guard name.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7f }) else {
            throw RegistryError(
                code: "CREDENTIAL_HELPER", subject: RegistryError.quoted(registry, limit: 100),
                message: "a registry's name with control characters is not given to a credential helper")
        }
        return name
    }

    private func run(_ verb: String, _ input: [UInt8]) throws(RegistryError) -> ChildProcess.Outcome {
        // Searched in the PATH of our environment value: posix_spawnp would look in that of the process.
        let folders = (environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":")
        guard
            let path = folders.lazy.map({ folder -> String in "\(folder)/\(program)" })
                .first(where: { access($0, X_OK) == 0 })
        else {
            throw failure("is configured but not installed", code: "CREDENTIAL_HELPER_MISSING")
        }
        do {
            return try ChildProcess.run(
                [path, verb], input: input, environment: environment, timeoutSeconds: Self.timeoutSeconds,
                outputLimit: Self.outputLimit)
        } catch {
            switch error.errno.code {
            case ETIMEDOUT: throw failure("did not answer within \(Int(Self.timeoutSeconds)) s")
            case EFBIG: throw failure("gave more than \(Self.outputLimit) bytes")
            default: throw failure("could not be run: \(error.errno)")
            }
        }
    }

    private func failure(_ message: String, code: String = "CREDENTIAL_HELPER") -> RegistryError {
        RegistryError(
            code: code, subject: program, message: message,
            nextStep: "install it, or remove it from the credential file and log in again")
    }
}
