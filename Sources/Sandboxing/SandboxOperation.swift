import LinuxSystem

/// One plain thing that the step's process does before its command: a system call, or a few that belong together.
/// `CSandbox` interprets them.
enum SandboxOperation: Hashable, Sendable {
    case mount(source: Path, target: Path, type: String, flags: MountFlags, options: [UInt8])
    /// Overlay by the mount API of Linux 5.2, one option at a time: mount(2) takes 4095 bytes of options. An option
    /// without a value is a flag.
    case overlay(target: Path, options: [OverlayOption])
    /// Hides a file or directory; one that is not there is hidden already.
    case mask(Path)
    /// As `mask`, but still to be read.
    case readOnly(Path)
    /// Makes the working directory the root, and lets the old root go.
    case pivotRoot
    case changeRoot(Path)
    case changeDirectory(Path)
    /// Enters the step's working directory.
    case enter(Path)
    case makeDirectory(Path, mode: UInt16)
    case removeDirectory(Path)
    case makeNode(Path, type: FileType, mode: UInt16, device: DeviceNumber)
    case symlink(target: Path, at: Path)
    case write(Path, [UInt8], mode: UInt16)
    /// An empty file; content when it is there.
    case makeFile(Path)
    /// A directory; content when it is there.
    case ensureDirectory(Path)
    /// Takes hold of `path` beneath `root`, to be attached in the step's own tree under `number`.
    case openTree(root: Path, path: Path, number: Int)
    /// Takes hold of a directory with all that is mounted there and below.
    case openMounts(Path, number: Int)
    /// The same of a new tmpfs.
    case makeTmpfs(options: [OverlayOption], number: Int)
    /// The same of a file system of the kernel's.
    case makeFileSystem(String, flags: MountFlags, number: Int)
    case attach(number: Int, target: Path, flags: MountFlags)
    /// `flags` hold for all that is mounted below, too.
    case attachMounts(number: Int, target: Path, flags: MountFlags)
    /// Adds flags to a mount, and takes none away.
    case restrict(Path, MountFlags)
    case own(Path, uid: UInt32, gid: UInt32)
    /// The same by the system calls of a command, and fails unless the owner shows: to try a supervisor.
    case claim(Path, uid: UInt32, gid: UInt32)
    /// Checks that a mount went where it was meant to go.
    case expect(Path, FileSystemKind)
    /// The same of a device file; it can be opened, too.
    case expectDevice(Path, DeviceNumber)
    case hostname(String)
    case loopbackUp
    case umask(UInt16)
    case noCoreFiles
    case limit(ResourceLimit)
    /// Runs on these processors only: a bit for each, as sched_setaffinity(2) takes them.
    case processors([UInt8])
    /// The step's process namespace gives no number as high as this, and so has no more processes. Where the kernel
    /// refuses that, the step goes on unless it is required.
    case processNumbers(below: Int, isRequired: Bool)
    case noNewPrivileges
    /// A compiled seccomp filter: `struct sock_filter`, 8 bytes each.
    case seccomp([UInt8])
    /// Refuses a command that leads to the builder's own executable through /proc.
    case checkCommand
    /// From here on system calls about owners, identities, devices and the like are answered by a supervisor, for whom the
    /// step's first process is this user.
    case supervise(SandboxUser)
    case boundingSet(Capabilities)
    case groups([UInt32])
    case group(UInt32)
    case user(UInt32)
    case capabilities(Capabilities)
}

/// An option of the overlay file system.
struct OverlayOption: Hashable, Sendable {
    /// The name of one more directory below those before it.
    static let lower = "lowerdir+"

    let name: String
    let value: Path?
}

/// File systems by the number that statfs(2) gives.
enum FileSystemKind: UInt64, Hashable, Sendable {
    case tmpfs = 0x0102_1994
    case proc = 0x9fa0
    case sysfs = 0x6265_6572
}

extension SandboxOperation: CustomStringConvertible {
    /// One line, close to the shell command that would do it.
    var description: String {
        switch self {
        case .mount(let source, let target, let type, let flags, let options):
            let words = [
                "mount", type.isEmpty ? "" : "-t \(type)", flags.isEmpty ? "" : "-o \(flags)", "\(source)", "\(target)",
                options.isEmpty ? "" : "(\(Path(bytes: options)))",
            ]
            return words.filter { !$0.isEmpty }.joined(separator: " ")
        case .overlay(let target, let options):
            // There are hundreds of directories, or the options would have had room in a page.
            let lowers = options.count { $0.name == OverlayOption.lower }
            let others = options.filter { $0.name != OverlayOption.lower }.map { option in
                option.value.map { "\(option.name)=\($0)" } ?? option.name
            }
            return "mount -t overlay overlay \(target) [\(lowers) lower directories, \(others.joined(separator: " "))]"
        case .mask(let path): return "mask \(path)"
        case .readOnly(let path): return "read-only \(path)"
        case .pivotRoot: return "pivot_root . ."
        case .changeRoot(let path): return "chroot \(path)"
        case .changeDirectory(let path): return "cd \(path)"
        case .enter(let path): return "enter \(path)"
        case .makeDirectory(let path, let mode): return "mkdir \(octal(mode)) \(path)"
        case .removeDirectory(let path): return "rmdir \(path)"
        case .makeNode(let path, let type, let mode, let device):
            return "mknod \(octal(mode)) \(path) \(type == .blockDevice ? "b" : "c") \(device.major) \(device.minor)"
        case .symlink(let target, let path): return "ln -s \(target) \(path)"
        case .write(let path, let content, let mode): return "write \(octal(mode)) \(path) (\(content.count) bytes)"
        case .makeFile(let path): return "touch \(path)"
        case .ensureDirectory(let path): return "mkdir -p \(path)"
        case .openTree(let root, let path, let number): return "open-tree \(number) \(root) \(path)"
        case .openMounts(let path, let number): return "open-tree \(number) -r \(path)"
        case .makeTmpfs(let options, let number):
            return "tmpfs \(number) [\(options.map { "\($0.name)=\($0.value ?? "")" }.joined(separator: " "))]"
        case .makeFileSystem(let type, let flags, let number): return "\(type) \(number) -o \(flags)"
        case .attach(let number, let target, let flags):
            return flags.isEmpty ? "attach \(number) \(target)" : "attach \(number) -o \(flags) \(target)"
        case .attachMounts(let number, let target, let flags): return "attach \(number) -r -o \(flags) \(target)"
        case .restrict(let path, let flags): return "restrict -o \(flags) \(path)"
        case .own(let path, let uid, let gid): return "chown \(uid):\(gid) \(path)"
        case .claim(let path, let uid, let gid): return "claim \(uid):\(gid) \(path)"
        case .expect(let path, let kind): return "expect \(kind) at \(path)"
        case .expectDevice(let path, let device): return "expect device \(device.major):\(device.minor) at \(path)"
        case .hostname(let name): return "hostname \(name)"
        case .loopbackUp: return "link lo up"
        case .umask(let mask): return "umask \(octal(mask))"
        case .noCoreFiles: return "limit core 0"
        case .limit(let limit): return "ulimit \(limit)"
        case .processors(let mask): return "processors \(mask)"
        case .processNumbers(let count, _): return "process numbers below \(count)"
        case .noNewPrivileges: return "no-new-privileges"
        case .seccomp(let program): return "seccomp (\(program.count / 8) instructions)"
        case .checkCommand: return "check command"
        case .supervise(let user):
            return "supervise \(user.uid):\(user.gid) \(user.groups.map { String($0) }.joined(separator: ","))"
        case .boundingSet(let set): return "bounding \(set)"
        case .groups(let groups): return "groups \(groups.map { String($0) }.joined(separator: ","))"
        case .group(let gid): return "gid \(gid)"
        case .user(let uid): return "uid \(uid)"
        case .capabilities(let set): return "capabilities \(set)"
        }
    }
}

private func octal(_ mode: UInt16) -> String {
    let digits = String(mode, radix: 8)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
}
