/// What keeps a rung of the ladder from being used here, as far as it could be told apart by trying.
package enum RungObstacle: Error, Hashable, Sendable {
    // The process.

    /// The rung is for root; this is another user.
    case notRoot(uid: UInt32)
    /// Root, but not with these capabilities, by their names (`CAP_SYS_ADMIN`).
    case missingCapability([String])
    /// Root of a user namespace only, as after `Rootless.enter()` or in a container of an unprivileged user.
    case inUserNamespace
    /// The process runs in a chroot, where the kernel makes no user namespace.
    case inChroot
    /// The `no_new_privs` flag is set, under which set-user-ID programs such as newuidmap have no effect.
    case noNewPrivileges
    /// The process has not entered a user namespace of its own, though nothing that was tried stands against it:
    /// `Rootless.enter()` was not called, or not first.
    case notEntered

    // User namespaces.

    /// The kernel knows no user namespaces.
    case userNamespacesUnknown
    /// `user.max_user_namespaces` is 0, or used up.
    case noUserNamespaces(limit: Int)
    /// The setting of Debian's and some other kernels, `kernel.unprivileged_userns_clone`, is 0.
    case unprivilegedUserNamespacesOff
    /// AppArmor leaves unprivileged user namespaces without power: `kernel.apparmor_restrict_unprivileged_userns` is 1.
    case refusedByAppArmor
    /// The AppArmor profile of this process (as a container runtime's) forbids mounts, or namespaces.
    case confinedByAppArmor(profile: String)
    /// A seccomp filter, as container runtimes install one, refuses to make the namespace or what is done in it; `call`
    /// says what.
    case refusedBySeccomp(call: String, errno: Int32)

    // Maps of ids.

    /// These programs are not installed.
    case noNewuidmap([String])
    /// These programs are neither set-user-ID root nor have capabilities, or their file system is mounted with nosuid.
    case powerlessNewuidmap([String])
    /// These programs work by the set-user-ID bit, which is not enough where CAP_SYS_ADMIN is out of reach, as in a
    /// container: the kernel asks the process that writes a map for power over the namespace, and root has none by birth.
    case setUserIDNewuidmap([String])
    /// No account has this number, so nobody can have given it ids; newuidmap refuses it.
    case noAccount(uid: UInt32)
    /// No line for the user, by its name or number, in these files.
    case noSubordinateIDs(user: String, files: [String])
    /// There are this many ids; a Debian tree needs 65535.
    case tooFewSubordinateIDs(Int)
    /// These ids are given to the user, but do not exist in the user namespace that this process is in already.
    case unmappedSubordinateIDs(String)
    /// The kernel, or newuidmap in these words, refused the map.
    case mapRefused(String)

    // File systems.

    /// /proc is covered in parts, as container runtimes do it, and could not be bound as a whole either.
    case procMasked
    /// Overlay is refused on the store's file system, of this type as mount(8) calls it; steps then run in copies.
    case overlayRefused(fileSystem: String)
    /// The store's file system, of this type, keeps no attributes of users, in which owners are recorded.
    case noAttributes(fileSystem: String)
    /// Device files do not work in the store, because its file system is mounted with nodev or may hold none.
    case nodevStore
    /// The store cannot be written.
    case storeNotWritable(String)

    // Emulation.

    /// System calls cannot be supervised: seccomp's notification is unknown or taken.
    case noSupervisor(errno: Int32)

    /// Something else: the operation that failed, and the kernel's answer.
    case refused(String)
}
