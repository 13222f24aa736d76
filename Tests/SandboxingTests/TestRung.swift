import Glibc
import LinuxSystem
import Testing

@testable import Sandboxing

/// The rung that the suites of this process try, and as whom: `RungSuites` starts the test program again for each.
enum TestRung: String, CaseIterable {
    /// Real root, which is also who runs the tests.
    case root
    /// Root of a user namespace whose ids are 100000 and up outside.
    case userns
    /// Nobody special, with a user namespace of one id for each step.
    case single
    /// The same in a container: what Docker covers of /proc is covered.
    case singleInContainer = "single-in-container"
    /// The same rung as real root has it.
    case singleAsRoot = "single-as-root"

    static let current = getenv("OCIBUILD_TEST_RUNG").flatMap { TestRung(rawValue: String(cString: $0)) } ?? .root

    /// The user that `single` runs as.
    static let user: UInt32 = 54_321

    var isRoot: Bool { self == .root }
    var isSingle: Bool { [.single, .singleInContainer, .singleAsRoot].contains(self) }
    /// Whether the tests run as real root.
    var isPrivileged: Bool { self == .root || self == .singleAsRoot }

    var isolation: Isolation { self == .root ? .root : self == .userns ? .userns : .single }

    /// What works here of the rung's namespaces, found once.
    static let traits: Result<NamespaceTraits, any Error> = Result {
        let user: NamespaceTraits.UserNamespace =
            switch current {
            case .root: .initial
            case .userns: .entered
            case .single, .singleInContainer, .singleAsRoot: .single
            }
        let folder = try TemporaryDirectory(prefix: "sandboxing-")
        return try NamespaceTrial(storeRoot: folder.path).settle(NamespaceTraits(best: user))
    }

    static var sandbox: NamespaceSandbox {
        get throws { NamespaceSandbox(try traits.get()) }
    }

    static var overlayPrefix: String {
        get throws { try traits.get().overlayPrefix }
    }
}

/// The suites of the sandbox once more on every other rung (THREATS 1b: B5 to B8, B12 to B14, B17, B18, B21 to B23).
@Suite(.enabled(if: TestRung.current == .root)) struct RungSuites {
    static let suites = [
        "ContainmentTests", "LifetimeTests", "LimitTests", "MountContainmentTests", "NamespaceSandboxTests",
        "TracelessTests",
    ]

    @Test(arguments: TestRung.allCases.filter { !$0.isRoot }) func suites(on rung: TestRung) throws {
        var environment = ProcessInformation.environment
        environment["OCIBUILD_TEST_RUNG"] = rung.rawValue
        environment["TMPDIR"] = "/var/tmp"
        environment["HOME"] = "/nonexistent"
        let program = ProcessInformation.builderArguments.dropLast() + [Self.suites.joined(separator: "|")]
        let place = try RungPlace(rung)
        let outcome = try ChildProcess.run(
            place.words + program, environment: environment, timeoutSeconds: 1800, outputLimit: 1 << 30)
        let text = String(decoding: outcome.output + outcome.error, as: UTF8.self)
        let failures = text.split(separator: "\n").filter { $0.contains("recorded an issue") || $0.contains("error:") }
        #expect(
            outcome.status == 0, "\(failures.isEmpty ? text.suffix(4000)[...] : failures.joined(separator: "\n")[...])")
        // A filter that finds nothing is content, too.
        for suite in Self.suites { #expect(text.contains("Suite \(suite) passed"), "\(suite) did not run") }
    }
}

/// A way to run a program as a rung's builder.
final class RungPlace {
    /// The words before the program's own.
    let words: [String]
    private let holder: pid_t

    init(_ rung: TestRung) throws {
        for tool in ["setpriv", "nsenter", "unshare"] {
            try #require(FileSystem.exists("/usr/bin" / Path(tool)), "needs the Debian package util-linux")
        }
        switch rung {
        case .root, .singleAsRoot:
            holder = 0
            words = []
        case .single, .singleInContainer:
            holder = 0
            let user = ["setpriv", "--reuid", "\(TestRung.user)", "--regid", "\(TestRung.user)", "--clear-groups"]
            let cover = """
                for d in acpi asound scsi fs irq bus; do test ! -d /proc/$d || mount -t tmpfs -o ro none /proc/$d; done
                test ! -e /proc/kcore || mount --bind /dev/null /proc/kcore; exec "$@"
                """
            words = rung == .single ? user : ["unshare", "--mount", "sh", "-c", cover, "sh"] + user
        case .userns:
            // Somebody has to be in the namespace while its ids are mapped.
            let words = ["unshare", "--user", "sleep", "100000"]
            var argv: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
            defer { for pointer in argv { free(pointer) } }
            var child: pid_t = 0
            let result = posix_spawnp(&child, "unshare", nil, nil, &argv, environ)
            guard result == 0 else { throw SystemError("spawn", nil, errno: Errno(code: result)) }
            holder = child
            let own = try FileSystem.readLink("/proc/self/ns/user")
            while try FileSystem.readLink(Path("/proc/\(child)/ns/user")) == own { usleep(1000) }
            for file in ["uid_map", "gid_map"] {
                let map = try OwnedDescriptor.open(Path("/proc/\(child)/\(file)"), O_WRONLY)
                try Array("0 100000 65536".utf8).withUnsafeBytes { try map.writeAll($0) }
            }
            self.words = [
                "nsenter", "--user=/proc/\(child)/ns/user", "--setuid", "0", "--setgid", "0", "unshare", "--mount",
            ]
        }
    }

    deinit {
        guard holder > 0 else { return }
        kill(holder, SIGKILL)
        var status: CInt = 0
        waitpid(holder, &status, 0)
    }
}
