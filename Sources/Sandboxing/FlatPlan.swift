import CSandbox
import Glibc
import LinuxSystem

/// A plan as `CSandbox` takes it: C structures and strings in memory of their own, which stays in place, because two
/// more processes read it, until the object goes.
final class FlatPlan {
    private var blocks: [UnsafeMutableRawPointer] = []
    private let operations: UnsafeMutablePointer<csandbox_operation>
    let step: UnsafeMutablePointer<csandbox_step>
    private let supervised: SandboxUser?

    /// `groups` are the directories of control groups that the caller puts the step into.
    init(_ plan: SandboxPlan, groups: [Path] = []) {
        supervised =
            plan.operations.lazy.compactMap { operation -> SandboxUser? in
                if case .supervise(let user) = operation { return user }
                return nil
            }.first
        operations = .allocate(capacity: max(1, plan.operations.count))
        step = .allocate(capacity: 1)
        step.initialize(to: csandbox_step())
        for (index, operation) in plan.operations.enumerated() {
            (operations + index).initialize(to: flatten(operation))
        }
        step.pointee.operations = UnsafePointer(operations)
        step.pointee.operation_count = plan.operations.count
        step.pointee.namespaces = plan.namespaces.rawValue
        step.pointee.subreaper = plan.collectsDescendants ? 1 : 0
        step.pointee.waits_for_map = plan.namespaces.contains(.user) || !groups.isEmpty ? 1 : 0
        step.pointee.timeout = plan.bounds.timeout
        if !groups.isEmpty { step.pointee.groups = constantList(groups.map(\.bytes)) }
        if !plan.executables.isEmpty { step.pointee.executables = constantList(plan.executables.map(\.bytes)) }
        step.pointee.arguments = UnsafePointer(list(plan.arguments.map { Array($0.utf8) }))
        step.pointee.environment = UnsafePointer(list(plan.environment.map { Array($0.utf8) }))
    }

    /// Adds the supervisor that the plan asks for; `links` are the owners of what cannot record its own, and `upper` is the
    /// upper directory of the overlay that the step has as its root.
    func supervise(links: [LinkOwner], upper: Path? = nil) throws(SystemError) {
        guard let user = supervised else { return }
        guard let supervisor = csandbox_supervisor_create() else {
            throw SystemError("mmap", nil, errno: Errno(code: ENOMEM))
        }
        step.pointee.supervisor = supervisor
        let failure = csandbox_supervisor_set_identity(
            supervisor, user.uid, user.gid, user.groups, user.groups.count)
        guard failure == 0 else { throw SystemError("supervise", nil, errno: Errno(code: failure)) }
        if let upper { csandbox_supervisor_set_upper(supervisor, constantList([upper.bytes])?.pointee) }
        for link in links {
            let failure = csandbox_supervisor_add_owner(supervisor, link.device, link.inode, link.uid, link.gid)
            guard failure == 0 else { throw SystemError("supervise", nil, errno: Errno(code: failure)) }
        }
    }

    /// What the supervisor knows of owners at the end.
    var links: [LinkOwner] {
        guard let supervisor = step.pointee.supervisor else { return [] }
        var list: UnsafePointer<csandbox_owner>?
        let count = csandbox_supervisor_owners(supervisor, &list)
        return UnsafeBufferPointer(start: list, count: list == nil ? 0 : count).map {
            let born = FileTime(seconds: $0.born_seconds, nanoseconds: Int32(clamping: $0.born_nanoseconds))
            return LinkOwner(
                device: $0.device, inode: $0.inode, uid: $0.user, gid: $0.group, born: born.seconds == 0 ? nil : born)
        }
    }

    deinit {
        if let supervisor = step.pointee.supervisor { csandbox_supervisor_destroy(supervisor) }
        for block in blocks { free(block) }
        operations.deallocate()
        step.deallocate()
    }

    private func block(_ bytes: UnsafeRawBufferPointer, terminated: Bool) -> UnsafeMutableRawPointer? {
        guard let memory = calloc(1, bytes.count + (terminated ? 1 : 0)) ?? calloc(1, 1) else { return nil }
        if let start = bytes.baseAddress { memcpy(memory, start, bytes.count) }
        blocks.append(memory)
        return memory
    }

    private func string(_ bytes: [UInt8]) -> UnsafePointer<CChar>? {
        let memory = bytes.withUnsafeBytes { block($0, terminated: true) }
        return UnsafePointer(memory?.assumingMemoryBound(to: CChar.self))
    }

    private func data<Element>(_ elements: [Element]) -> UnsafeRawPointer? {
        UnsafeRawPointer(elements.withUnsafeBytes { block($0, terminated: false) })
    }

    private func list(_ strings: [[UInt8]]) -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? {
        let pointers = strings.map { UnsafeMutablePointer(mutating: string($0)) } + [nil]
        return UnsafeMutableRawPointer(mutating: data(pointers))?
            .assumingMemoryBound(to: UnsafeMutablePointer<CChar>?.self)
    }

    private func constantList(_ strings: [[UInt8]]) -> UnsafePointer<UnsafePointer<CChar>?>? {
        UnsafeRawPointer(list(strings))?.assumingMemoryBound(to: UnsafePointer<CChar>?.self)
    }

    private func plain(
        _ kind: csandbox_kind, _ path: Path? = nil, _ n1: UInt64 = 0, _ n2: UInt64 = 0, _ n3: UInt64 = 0,
        tolerating errno: CInt = 0
    ) -> csandbox_operation {
        var flat = csandbox_operation()
        flat.kind = kind.rawValue
        flat.tolerated = errno
        flat.a = path.flatMap { string($0.bytes) }
        (flat.n1, flat.n2, flat.n3) = (n1, n2, n3)
        return flat
    }

    private func flatten(_ operation: SandboxOperation) -> csandbox_operation {
        switch operation {
        case .mount(let source, let target, let type, let flags, let options):
            var flat = plain(CSANDBOX_MOUNT, source, flags.rawValue)
            flat.b = string(target.bytes)
            flat.c = type.isEmpty ? nil : string(Array(type.utf8))
            flat.d = options.isEmpty ? nil : string(options)
            return flat
        case .overlay(let target, let options):
            var flat = plain(CSANDBOX_OVERLAY, target)
            flat.list = constantList(options.flatMap { [Array($0.name.utf8), $0.value?.bytes ?? []] })
            return flat
        case .mask(let path): return plain(CSANDBOX_MASK, path, tolerating: ENOENT)
        case .readOnly(let path): return plain(CSANDBOX_READ_ONLY, path, tolerating: ENOENT)
        case .pivotRoot: return plain(CSANDBOX_PIVOT_ROOT)
        case .changeRoot(let path): return plain(CSANDBOX_CHROOT, path)
        case .changeDirectory(let path): return plain(CSANDBOX_CHANGE_DIRECTORY, path)
        case .enter(let path): return plain(CSANDBOX_ENTER, path)
        case .makeDirectory(let path, let mode): return plain(CSANDBOX_MAKE_DIRECTORY, path, UInt64(mode))
        case .removeDirectory(let path): return plain(CSANDBOX_REMOVE_DIRECTORY, path)
        case .makeNode(let path, let type, let mode, let device):
            return plain(
                CSANDBOX_MAKE_NODE, path, UInt64(type.modeBits | UInt32(mode)), UInt64(device.major),
                UInt64(device.minor))
        case .symlink(let target, let path):
            var flat = plain(CSANDBOX_SYMLINK, target)
            flat.b = string(path.bytes)
            return flat
        case .write(let path, let content, let mode):
            var flat = plain(CSANDBOX_WRITE, path, UInt64(mode))
            (flat.data, flat.length) = (data(content), content.count)
            return flat
        case .expect(let path, let kind): return plain(CSANDBOX_EXPECT, path, kind.rawValue)
        default: return flattenTree(operation)
        }
    }

    /// What concerns mounts that are prepared before they are attached.
    private func flattenTree(_ operation: SandboxOperation) -> csandbox_operation {
        switch operation {
        case .makeFile(let path): return plain(CSANDBOX_MAKE_FILE, path, tolerating: EEXIST)
        case .ensureDirectory(let path): return plain(CSANDBOX_MAKE_DIRECTORY, path, 0o755, tolerating: EEXIST)
        case .openTree(let root, let path, let number):
            var flat = plain(CSANDBOX_OPEN_TREE, root, UInt64(number))
            flat.b = string(path.bytes)
            return flat
        case .openMounts(let path, let number):
            var flat = plain(CSANDBOX_OPEN_TREE, path, UInt64(number), 1)
            flat.b = string([])
            return flat
        case .makeTmpfs(let options, let number):
            var flat = plain(CSANDBOX_MAKE_TMPFS, nil, UInt64(number))
            flat.list = constantList(options.flatMap { [Array($0.name.utf8), $0.value?.bytes ?? []] })
            return flat
        case .makeFileSystem(let type, let flags, let number):
            var flat = plain(CSANDBOX_MAKE_TMPFS, Path(type), UInt64(number), flags.rawValue)
            flat.list = constantList([])
            return flat
        case .attach(let number, let target, let flags):
            return plain(CSANDBOX_ATTACH, target, UInt64(number), flags.rawValue)
        case .attachMounts(let number, let target, let flags):
            return plain(CSANDBOX_ATTACH, target, UInt64(number), flags.rawValue, 1)
        case .restrict(let path, let flags): return plain(CSANDBOX_RESTRICT, path, flags.rawValue)
        case .expectDevice(let path, let device):
            return plain(CSANDBOX_EXPECT_DEVICE, path, UInt64(device.major), UInt64(device.minor))
        case .own(let path, let uid, let gid): return plain(CSANDBOX_OWN, path, UInt64(uid), UInt64(gid))
        case .claim(let path, let uid, let gid): return plain(CSANDBOX_CLAIM, path, UInt64(uid), UInt64(gid))
        default: return flattenProcess(operation)
        }
    }

    /// What concerns the process rather than a path.
    private func flattenProcess(_ operation: SandboxOperation) -> csandbox_operation {
        switch operation {
        case .hostname(let name):
            var flat = plain(CSANDBOX_HOSTNAME)
            (flat.data, flat.length) = (data(Array(name.utf8)), name.utf8.count)
            return flat
        case .loopbackUp: return plain(CSANDBOX_LOOPBACK)
        case .umask(let mask): return plain(CSANDBOX_UMASK, nil, UInt64(mask))
        case .noCoreFiles: return plain(CSANDBOX_LIMIT, nil, UInt64(RLIMIT_CORE.rawValue), 0)
        case .limit(let limit):
            return plain(
                CSANDBOX_SET_LIMIT, nil, UInt64(limit.resource.number), limit.soft ?? .max, limit.hard ?? .max)
        case .processors(let mask):
            var flat = plain(CSANDBOX_AFFINITY)
            (flat.data, flat.length) = (data(mask), mask.count)
            return flat
        case .processNumbers(let count, let isRequired):
            var flat = plain(CSANDBOX_STORE, "/proc/sys/kernel/pid_max", isRequired ? 0 : 1)
            let content = Array("\(count)".utf8)
            (flat.data, flat.length) = (data(content), content.count)
            return flat
        case .noNewPrivileges:
            // PR_SET_NO_NEW_PRIVS, whose macro the importer does not see.
            return plain(CSANDBOX_CONTROL, nil, 38, 1)
        case .seccomp(let program):
            var flat = plain(CSANDBOX_SECCOMP)
            (flat.data, flat.length) = (data(program), program.count / 8)
            return flat
        case .checkCommand: return plain(CSANDBOX_CHECK_EXECUTABLE)
        case .supervise: return plain(CSANDBOX_SUPERVISE)
        case .boundingSet(let set): return plain(CSANDBOX_BOUNDING, nil, set.rawValue)
        case .groups(let groups):
            var flat = plain(CSANDBOX_GROUPS)
            (flat.data, flat.length) = (data(groups), groups.count)
            return flat
        case .group(let gid): return plain(CSANDBOX_GROUP, nil, UInt64(gid))
        case .user(let uid): return plain(CSANDBOX_USER, nil, UInt64(uid))
        case .capabilities(let set): return plain(CSANDBOX_CAPABILITIES, nil, set.rawValue)
        default: return csandbox_operation()
        }
    }
}
