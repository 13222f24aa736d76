import Glibc
import LinuxSystem

/// What can be read of the machine, the process and the store's place: it explains what trying cannot tell, and what a
/// build does about it.
package struct MachineFacts: Hashable, Sendable {
    /// The user that started the process.
    package var user: UInt32
    /// The user's name; nil where no account has the number.
    package var account: String?
    /// Whether the environment has HOME.
    package var hasHome: Bool
    /// Whether `no_new_privs` is set.
    package var hasNoNewPrivileges: Bool
    /// Whether a seccomp filter is installed.
    package var isFiltered: Bool
    /// The AppArmor profile that holds the process.
    package var appArmorProfile: String?
    /// Whether AppArmor takes the power from user namespaces of programs without a profile.
    package var isRestrictedByAppArmor: Bool
    /// Those of /etc/subuid and /etc/subgid that have no line for the user.
    package var filesWithoutUser: [String]
    /// How many ids these files give, with the user's own.
    package var subordinateIDs: Int
    /// Those of newuidmap and newgidmap that are not installed.
    package var missingPrograms: [String]
    /// Those that are, and cannot do what they are for.
    package var powerlessPrograms: [String]
    /// What is mounted below /proc.
    package var coveredProc: [Path]
    /// Whether there is a /dev/fuse.
    package var hasFuse: Bool
    /// Whether the root file system is read-only.
    package var isRootReadOnly: Bool
    /// The store's folder.
    package var store: Path
    /// The type of the file system that the store is on, as mount(8) calls it.
    package var storeFileSystem: String?
    /// Bytes that may still be written there.
    package var freeBytes: Int64?

    /// A machine on which nothing is in the way.
    package init(user: UInt32, account: String?, store: Path) {
        self.user = user
        self.account = account
        self.store = store
        hasHome = true
        hasNoNewPrivileges = false
        isFiltered = false
        isRestrictedByAppArmor = false
        filesWithoutUser = []
        subordinateIDs = 65_537
        missingPrograms = []
        powerlessPrograms = []
        coveredProc = []
        hasFuse = false
        isRootReadOnly = false
        storeFileSystem = "ext4"
        freeBytes = 1 << 40
    }

    /// This machine, now. Blocks.
    package static func ofHost(store: Path, environment: [String: String]) -> MachineFacts {
        let user = NamespaceEntry.outerUser
        let ids = HostIdentities(user: user, group: NamespaceEntry.outerGroup)
        var facts = MachineFacts(user: user, account: ids.names.first, store: store)
        facts.hasHome = environment["HOME"].map { !$0.isEmpty } ?? false
        facts.hasNoNewPrivileges = ProcessFacts.hasNoNewPrivileges
        facts.isFiltered = ProcessFacts.isFiltered
        facts.appArmorProfile = ProcessFacts.appArmorProfile
        facts.isRestrictedByAppArmor = ProcessFacts.setting("kernel.apparmor_restrict_unprivileged_userns") == 1
        facts.filesWithoutUser = ids.filesWithoutUser
        facts.subordinateIDs = ids.count
        let programs = ["newuidmap", "newgidmap"].map { ($0, ProcessFacts.program($0)) }
        facts.missingPrograms = programs.filter { $0.1 == nil }.map(\.0)
        // From inside the namespace that they mapped, root's files look like nobody's.
        facts.powerlessPrograms =
            NamespaceEntry.standing == .entered(user: user, group: NamespaceEntry.outerGroup)
            ? [] : programs.compactMap(\.1).filter { !ProcessFacts.raisesPrivileges($0) }
        let mounts = MountTable.current ?? []
        facts.coveredProc = mounts.map(\.point).filter { $0 != "/proc" && $0.hasPrefix("/proc") }
        facts.hasFuse = FileSystem.exists("/dev/fuse")
        facts.isRootReadOnly = isReadOnly("/")
        facts.storeFileSystem = MountTable.fileSystem(of: store, in: mounts)
        facts.freeBytes = try? FileSystem.freeSpace(at: store)
        return facts
    }

    private static func isReadOnly(_ path: Path) -> Bool {
        var mount = statvfs()
        return path.withCString { statvfs($0, &mount) } == 0 && mount.f_flag & UInt(ST_RDONLY) != 0
    }
}
