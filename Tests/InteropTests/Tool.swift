import Glibc
import LinuxSystem

/// A program run by these tests, and the error when it does not do what it was asked.
enum Tool {
    /// A program that is absent, or ended with a status other than zero.
    struct Failure: Error, CustomStringConvertible {
        let arguments: [String]
        let status: Int32
        let said: String

        var description: String { "`\(arguments.joined(separator: " "))` ended with status \(status):\n\(said)" }
    }

    /// The Debian package of each program, for the message when it is absent.
    private static let packages = [
        "skopeo": "skopeo", "umoci": "umoci", "buildah": "buildah", "bsdtar": "libarchive-tools",
        "python3": "python3", "tar": "tar", "setcap": "libcap2-bin",
    ]

    /// Runs a program on a thread of its own and returns its standard output. Throws unless it exits with 0.
    /// The time limit is for what hangs: programs that share a store wait for each other, on a slow disk for minutes.
    @discardableResult
    static func run(_ arguments: [String], timeout: Double = 1200) async throws -> String {
        let outcome = try await attempt(arguments, timeout: timeout)
        guard outcome.status == 0 else {
            throw Failure(arguments: arguments, status: outcome.status, said: outcome.text + outcome.complaint)
        }
        return outcome.text
    }

    /// The same, with the exit status as a result.
    static func attempt(_ arguments: [String], timeout: Double = 1200) async throws -> ChildProcess.Outcome {
        do {
            return try await BlockingPool.shared.run { try ChildProcess.run(arguments, timeoutSeconds: timeout) }
        } catch let error as SystemError where error.errno == .noEntry {
            let name = arguments[0]
            throw Failure(
                arguments: arguments, status: 127,
                said: packages[name].map { "install the Debian package \($0)" } ?? "there is no \(name)")
        }
    }
}

extension ChildProcess.Outcome {
    /// Standard output as text.
    var text: String { String(decoding: output, as: UTF8.self) }
    /// Standard error as text.
    var complaint: String { String(decoding: error, as: UTF8.self) }
}
