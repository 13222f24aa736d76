import LinuxSystem

extension SandboxPlan {
    /// What is taken hold of outside, because it cannot be made inside, under numbers from `first` on: how it is opened
    /// while the old root is there, and how it is attached in the new one.
    struct Borrowed {
        var opening: [SandboxOperation] = []
        /// The device files, by name.
        var devices: [(name: Path, number: Int)] = []
        var processes: Int?
        var system: Int?

        init(_ traits: NamespaceTraits, network: SandboxNetwork, first: Int) {
            var next = first
            func take() -> Int {
                defer { next += 1 }
                return next
            }
            if case .bound(let names) = traits.devices {
                for name in names {
                    let number = take()
                    devices.append((name, number))
                    opening.append(.openTree(root: "/dev", path: name, number: number))
                }
            }
            // In a user namespace the kernel mounts these anew only while others of their kind can be seen in full: not
            // any more when the old root has gone.
            if traits.user != .initial || traits.processes == .bound {
                let number = take()
                processes = number
                opening.append(
                    traits.processes == .bound
                        ? .openMounts("/proc", number: number)
                        : .makeFileSystem("proc", flags: SandboxPlan.quiet, number: number))
            }
            switch traits.system(for: network) {
            case .fresh where traits.user == .initial: break
            case .absent: break
            case .fresh:
                let number = take()
                system = number
                opening.append(.makeFileSystem("sysfs", flags: [.readOnly, SandboxPlan.quiet], number: number))
            case .bound:
                let number = take()
                system = number
                opening.append(.openMounts("/sys", number: number))
            }
        }
    }

    fileprivate static let quiet: MountFlags = [.noSetUser, .noDevices, .noExecution]

    /// /proc and /sys.
    static func kernel(_ traits: NamespaceTraits, network: SandboxNetwork, _ borrowed: Borrowed) -> [SandboxOperation] {
        var operations: [SandboxOperation] = []
        if let number = borrowed.processes {
            operations.append(.attachMounts(number: number, target: "/proc", flags: quiet))
        } else {
            operations.append(.mount(source: "proc", target: "/proc", type: "proc", flags: quiet, options: []))
        }
        operations.append(.expect("/proc", .proc))
        let flags: MountFlags = [.readOnly, quiet]
        if let number = borrowed.system {
            operations.append(.attachMounts(number: number, target: "/sys", flags: flags))
        } else if traits.system == .fresh {
            operations.append(.mount(source: "sysfs", target: "/sys", type: "sysfs", flags: flags, options: []))
        } else {
            return operations
        }
        return operations + [.expect("/sys", .sysfs)]
    }
}
