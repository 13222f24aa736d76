import Glibc
import LinuxSystem
import Testing

@testable import Sandboxing

/// A builder in a process of its own, to be killed or to be deprived of capabilities: the test program again, told by
/// its environment to run only this.
@Suite struct BuilderProcess {
    static let role = getenv("OCIBUILD_TEST_BUILDER").map { String(cString: $0) }
    static let base = Path(getenv("OCIBUILD_TEST_TREE").map { String(cString: $0) } ?? "")

    @Test(.enabled(if: role == "sleep" || role == "sleep-chroot")) func builderSleeps() async throws {
        let line = "setsid sleep 1000 & sh -c 'sleep 1000 & kill -STOP $$; sleep 1000' & trap '' TERM; sleep 1000"
        var spec = SandboxSpec(
            root: .directory(Self.base / "lower"), command: ["/bin/sh", "-c", line],
            environment: ["PATH=/bin", "OCIBUILD_MARK=\(Self.base)"])
        if Self.role == "sleep" {
            spec.root = .overlay(
                lowers: [Self.base / "lower"], upper: Self.base / "upper", work: Self.base / "work", base: Self.base)
        }
        let sandbox: any Sandbox = try Self.role == "sleep" ? TestRung.sandbox : ChrootSandbox()
        _ = try await sandbox.run(spec) { _, _ in }
    }

    @Test(.enabled(if: role == "chroot")) func builderInAContainer() async throws {
        let rungs = SandboxProbe(storeRoot: Self.base).reports().filter(\.available).map(\.isolation.rawValue)
        print("rungs: \(rungs.joined(separator: " "))")
        let spec = SandboxSpec(
            root: .directory(Self.base / "lower"),
            command: ["/bin/sh", "-c", "cat /etc/resolv.conf; head -c 1 /dev/zero | wc -c; exit 5"],
            environment: ["PATH=/bin"], files: TracelessTests.provided)
        let done = try await Transcript.of(ChrootSandbox(), spec)
        #expect(done.lines == ["nameserver 192.0.2.1", "1"])
        print("builder: \(done.status)")
        // /proc of the host, for once, to see what the step is left with.
        let tree = SandboxSpec(
            root: .directory(Self.base / "lower"), command: ["/bin/sleep", "1000"],
            environment: ["OCIBUILD_MARK=\(Self.base)"])
        let running = Task { try await Transcript.of(ChrootSandbox(), tree) }
        var step: [pid_t] = []
        while step.isEmpty { step = try Processes.withEnvironment(containing: "OCIBUILD_MARK=\(Self.base)") }
        for pid in step {
            let status = try FileSystem.readFile(Path("/proc/\(pid)/status"))
            print(String(decoding: status, as: UTF8.self))
        }
        running.cancel()
        await #expect(throws: CancellationError.self) { try await running.value }
    }
}

enum ProcessInformation {
    static var environment: [String: String] {
        var variables: [String: String] = [:]
        let bytes = (try? FileSystem.readFile("/proc/self/environ")) ?? []
        for line in bytes.split(separator: 0) {
            let text = String(decoding: line, as: UTF8.self)
            guard let cut = text.firstIndex(of: "=") else { continue }
            variables[String(text[..<cut])] = String(text[text.index(after: cut)...])
        }
        return variables
    }

    /// Arguments that run `BuilderProcess` in a new process of this program.
    static var builderArguments: [String] {
        let program = (try? FileSystem.readLink("/proc/self/exe")) ?? ""
        return [program.description, "--testing-library", "swift-testing", "--filter", "BuilderProcess"]
    }

    /// Starts a builder that does not end by itself.
    static func startBuilder(_ role: String, in base: Path) throws -> pid_t {
        var variables = environment
        variables["OCIBUILD_TEST_BUILDER"] = role
        variables["OCIBUILD_TEST_TREE"] = base.description
        var argv = builderArguments.map { strdup($0) } + [nil]
        var envp = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in argv + envp { free(pointer) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        var child: pid_t = 0
        let program = builderArguments[0]
        let result = posix_spawn(&child, program, &actions, nil, &argv, &envp)
        guard result == 0 else { throw SystemError("spawn", nil, errno: Errno(code: result)) }
        return child
    }
}

enum Processes {
    /// The processes that have `text` among their arguments.
    static func withArguments(containing text: String) throws -> [pid_t] {
        try DirectoryListing.entries(at: "/proc").compactMap { entry in
            guard let name = entry.name.string, let pid = pid_t(name) else { return nil }
            let bytes = (try? FileSystem.readFile("/proc" / entry.name / "cmdline")) ?? []
            return String(decoding: bytes, as: UTF8.self).contains(text) ? pid : nil
        }
    }

    /// The processes, zombies aside, that have `text` in their environment.
    static func withEnvironment(containing text: String) throws -> [pid_t] {
        var found: [pid_t] = []
        for entry in try DirectoryListing.entries(at: "/proc") {
            guard let name = entry.name.string, let pid = pid_t(name) else { continue }
            let bytes = (try? FileSystem.readFile("/proc" / entry.name / "environ")) ?? []
            if String(decoding: bytes, as: UTF8.self).contains(text) { found.append(pid) }
        }
        return found
    }
}
