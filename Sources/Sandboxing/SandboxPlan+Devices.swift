import LinuxSystem

/// The device files that every step has.
enum StandardDevices {
    /// Name and number of the character devices, mode 0666.
    static let nodes: [(name: Path, device: DeviceNumber)] = [
        ("null", DeviceNumber(major: 1, minor: 3)), ("zero", DeviceNumber(major: 1, minor: 5)),
        ("full", DeviceNumber(major: 1, minor: 7)), ("random", DeviceNumber(major: 1, minor: 8)),
        ("urandom", DeviceNumber(major: 1, minor: 9)), ("tty", DeviceNumber(major: 5, minor: 0)),
    ]

    /// Name and target of the links.
    static let links: [(name: Path, target: Path)] = [
        ("fd", "/proc/self/fd"), ("stdin", "/proc/self/fd/0"), ("stdout", "/proc/self/fd/1"),
        ("stderr", "/proc/self/fd/2"),
    ]

    /// Where files are kept that only the step sees.
    static let privateDirectory: Path = "/dev/.ocibuild"

    /// Where scripts are kept that the step executes.
    static let scriptDirectory: Path = "/dev/pipes"
}

extension SandboxPlan {
    /// A /dev of the step's own, with what the runtime specification asks for. Private files go there too.
    static func devices(
        _ spec: SandboxSpec, _ traits: NamespaceTraits, _ borrowed: Borrowed
    ) throws(SandboxError) -> [SandboxOperation] {
        let quiet: MountFlags = [.noSetUser, .noExecution]
        var operations: [SandboxOperation] = [
            .mount(
                source: "tmpfs", target: "/dev", type: "tmpfs", flags: [.noSetUser, .strictAccessTime],
                options: Array("mode=755,size=65536k".utf8)),
            .expect("/dev", .tmpfs),
        ]
        operations += nodes(borrowed, made: traits.devices == .made)
        operations.append(
            .mount(
                source: "none", target: "/dev", type: "",
                flags: [.remount, .bind, .noSetUser, .noDevices, .strictAccessTime], options: []))
        for (name, target) in StandardDevices.links { operations.append(.symlink(target: target, at: "/dev" / name)) }
        if traits.terminals != .absent {
            let group = traits.terminals == .grouped ? ",gid=5" : ""
            operations += [
                .symlink(target: "pts/ptmx", at: "/dev/ptmx"),
                .makeDirectory("/dev/pts", mode: 0o755),
                .mount(
                    source: "devpts", target: "/dev/pts", type: "devpts", flags: quiet,
                    options: Array("newinstance,ptmxmode=0666,mode=0620\(group)".utf8)),
            ]
        }
        operations += [
            .makeDirectory("/dev/shm", mode: 0o1777),
            .mount(
                source: "shm", target: "/dev/shm", type: "tmpfs", flags: [quiet, .noDevices],
                options: Array("mode=1777,size=\(spec.bounds.sharedMemory)".utf8)),
        ]
        if traits.hasQueues {
            operations += [
                .makeDirectory("/dev/mqueue", mode: 0o755),
                .mount(
                    source: "mqueue", target: "/dev/mqueue", type: "mqueue", flags: [quiet, .noDevices], options: []),
            ]
        }
        operations.append(.makeDirectory(StandardDevices.privateDirectory, mode: 0o755))
        let files = try PrivateFiles(spec.privateFiles)
        for directory in files.directories { operations.append(.makeDirectory(directory, mode: 0o755)) }
        for (path, file) in files.files { operations.append(.write(path, file.content, mode: file.mode)) }
        return operations
    }

    /// The device files. Each is a mount, so that it goes on working when devices are refused in the rest of /dev: a step
    /// may make further nodes, and reaches nothing through them.
    private static func nodes(_ borrowed: Borrowed, made: Bool) -> [SandboxOperation] {
        if made {
            return StandardDevices.nodes.flatMap { name, device -> [SandboxOperation] in
                let node: Path = "/dev" / name
                return [
                    .makeNode(node, type: .characterDevice, mode: 0o666, device: device),
                    .mount(source: node, target: node, type: "", flags: .bind, options: []),
                ]
            }
        }
        return borrowed.devices.flatMap { name, number -> [SandboxOperation] in
            let node: Path = "/dev" / name
            let device = StandardDevices.nodes.first { $0.name == name }?.device ?? DeviceNumber()
            return [
                .makeFile(node), .attach(number: number, target: node, flags: []), .expectDevice(node, device),
            ]
        }
    }
}

/// Private files with the directories that they need, parents first.
struct PrivateFiles {
    private(set) var directories: [Path] = []
    private(set) var files: [(Path, ProvidedFile)] = []

    init(_ provided: [ProvidedFile]) throws(SandboxError) {
        let roots = [StandardDevices.privateDirectory, StandardDevices.scriptDirectory]
        for file in provided {
            let path = Path(file.path)
            guard path == path.lexicallyNormalized(), !path.bytes.contains(0), !roots.contains(path),
                roots.contains(where: { path.hasPrefix($0) })
            else {
                throw SandboxError(.request, path.description, "a private file belongs below \(roots[0])")
            }
            var parents: [Path] = []
            var next = path.parent
            while let parent = next, parent != StandardDevices.privateDirectory, parent != "/dev" {
                if !directories.contains(parent) { parents.append(parent) }
                next = parent.parent
            }
            directories += parents.reversed()
            files.append((path, file))
        }
    }
}
