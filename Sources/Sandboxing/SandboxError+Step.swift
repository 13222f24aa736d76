import CSandbox
import Glibc
import LinuxSystem

extension SandboxError {
    /// What a step's process reported: which operation, and the kernel's answer.
    init(failureOf step: csandbox_step, _ plan: SandboxPlan) {
        let errno = Errno(code: step.failure)
        let index = Int(step.failed_at)
        if index == -2 {
            self.init(
                .setup, "supervisor",
                "the process that answers for owners and identities ended before the step did: \(errno)", errno: errno)
        } else if index < 0 {
            self.init(
                .setup, "namespaces \(plan.namespaces)",
                "the kernel refused to make the step's process: \(errno)", errno: errno)
        } else if index < plan.operations.count {
            self.init(
                failureOf: plan.operations[index], of: plan.arguments.first ?? "", errno, saying: Self.message(of: step)
            )
        } else {
            self.init(failureToExecute: plan, errno)
        }
    }

    private init(failureOf operation: SandboxOperation, of name: String, _ errno: Errno, saying message: String) {
        switch operation {
        case .enter(let path):
            let why = errno == .crossDevice ? "it is outside of the tree" : "\(errno)"
            self.init(
                .workingDirectory, path.description, "cannot be the working directory of the step: \(why)", errno: errno
            )
        case .attach(_, let target, _):
            let why =
                errno == .crossDevice
                ? "it leads to a file system of the kernel, where nothing can be mounted"
                : errno == .notDirectory
                    ? "a directory cannot be mounted on a file, nor a file on a directory" : "\(errno)"
            self.init(.mount, target.description, "cannot be mounted on: \(why)", errno: errno)
        case .makeFile(let path), .ensureDirectory(let path):
            self.init(
                .mount, path.description, "is not there to mount on, and cannot be made: \(errno)", errno: errno)
        case .checkCommand:
            self.init(
                .command, name,
                "its links go in a circle, or lead (as may its first line) through /proc to the builder itself; neither "
                    + "is run", errno: errno)
        case .limit(let limit):
            self.init(
                .limit, "--ulimit \(limit)",
                "the kernel refuses it (\(errno)): it may not be above the hard limit of ocibuild itself (ulimit -H), "
                    + "nor beyond what the resource can be", errno: errno)
        case .processors:
            self.init(
                .limit, "--cpuset-cpus", "ocibuild itself may use none of these processors (\(errno))", errno: errno)
        case .processNumbers(let count, _):
            self.init(.limit, "--pids-limit", "a bound of \(count) is refused: \(errno)", errno: errno)
        case .user(let id) where errno == .invalid:
            self.init(failureToBecome: "uid \(id)", operation)
        case .group(let id) where errno == .invalid:
            self.init(failureToBecome: "gid \(id)", operation)
        default:
            let more = message.isEmpty ? "" : " (\(message))"
            self.init(
                .setup, "\(operation)", "setting up the sandbox failed: \(errno)\(more)", errno: errno,
                operation: operation)
        }
    }

    private init(failureToBecome identity: String, _ operation: SandboxOperation) {
        self.init(
            .user, identity,
            "is not among the ids of this user namespace: use a smaller number, or give the builder's user a longer range "
                + "in /etc/subuid and /etc/subgid", errno: .invalid, operation: operation)
    }

    private init(failureToExecute plan: SandboxPlan, _ errno: Errno) {
        let name = plan.arguments.first ?? ""
        let message: String
        switch errno.code {
        case ENOENT where plan.executables.count > 1 || plan.executables.first?.bytes != Array(name.utf8):
            message = "no such command in the PATH of the step (\(Self.directories(of: plan)))"
        case ENOENT: message = "no such file in the step's tree, or the interpreter or loader that it names is missing"
        case EACCES: message = "is not executable for the step's user"
        case ENOEXEC:
            message = "is not a program for this machine, nor a script that begins with #!"
        default: message = "cannot be executed: \(errno)"
        }
        self.init(.command, name, message, errno: errno)
    }

    private static func directories(of plan: SandboxPlan) -> String {
        plan.executables.compactMap { $0.parent?.description }.joined(separator: ":")
    }

    private static func message(of step: csandbox_step) -> String {
        withUnsafeBytes(of: step.message) { bytes in
            String(decoding: bytes.prefix { $0 != 0 && $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        }
    }
}
