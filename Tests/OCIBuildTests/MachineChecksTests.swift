import LinuxSystem
import Sandboxing
import Testing

@testable import OCIBuild

@Suite("What facts about a machine mean, and what changes them")
struct MachineChecksTests {
    private static let refused = RungReport(.root, .notRoot(uid: 1000))

    private func checks(
        _ reports: [RungReport], _ change: (inout MachineFacts) -> Void = { _ in }
    ) -> [String: DoctorReport.Check] {
        var facts = MachineFacts(user: 1000, account: "ada", store: "/home/ada/store")
        change(&facts)
        return Dictionary(MachineChecks(facts, reports).all.map { ($0.name, $0) }) { first, _ in first }
    }

    @Test("root is not told what only others need")
    func root() {
        let found = checks([RungReport(.root, working: "namespaces work", traits: .root)]) {
            $0.user = 0
            $0.hasNoNewPrivileges = true
        }
        #expect(found.values.allSatisfy { $0.works && $0.remedy == nil }, "\(found)")
        #expect(Set(found.keys) == ["/proc", "overlay", "root files", "HOME", "/dev/fuse", "store"])
    }

    @Test("where a user namespace works, all is well")
    func healthy() {
        let found = checks([Self.refused, RungReport(.userns, working: "", traits: NamespaceTraits(best: .entered))])
        #expect(found.count == 13 && found.values.allSatisfy { $0.works && $0.remedy == nil }, "\(found)")
        #expect(found["account"]?.finding == "uid 1000 is ada")
    }

    @Test("everything that is in the way is named, not only the first")
    func all() {
        let found = checks([Self.refused, RungReport(.single, .refusedBySeccomp(call: "unshare", errno: 1))]) {
            $0.account = nil
            $0.hasHome = false
            $0.hasNoNewPrivileges = true
            $0.isFiltered = true
            $0.filesWithoutUser = ["/etc/subgid"]
            $0.missingPrograms = ["newgidmap"]
            $0.coveredProc = ["/proc/kcore", "/proc/acpi"]
            $0.isRootReadOnly = true
            $0.freeBytes = 5 << 20
        }
        let obstacles = found.compactMapValues(\.obstacle)
        #expect(
            obstacles == [
                "account": "no-account", "subordinate ids": "no-subordinate-ids", "newuidmap": "no-newuidmap",
                "no_new_privs": "no-new-privileges", "seccomp": "refused-by-seccomp",
                "user namespaces": "refused-by-seccomp",
            ])
        #expect(found["store"]?.works == false && found["store"]?.remedy?.hasPrefix("ocibuild prune") == true)
        #expect(found["HOME"]?.finding.contains("/home/ada/store") == true)
        #expect(found["root files"]?.finding.hasPrefix("read-only") == true)
        #expect(found["/proc"]?.finding == "covered in 2 places, and steps get one of their own")
    }

    @Test("AppArmor: a restriction that does not concern this program is no obstacle")
    func appArmor() {
        let working = [RungReport(.userns, working: "", traits: NamespaceTraits(best: .entered))]
        #expect(checks(working) { $0.isRestrictedByAppArmor = true }["AppArmor"]?.works == true)
        let refused = checks([RungReport(.single, .refusedByAppArmor)]) { $0.isRestrictedByAppArmor = true }
        #expect(refused["AppArmor"]?.works == false)
        #expect(refused["AppArmor"]?.remedy?.contains("userns,") == true)
        let confined = checks([RungReport(.single, .confinedByAppArmor(profile: "docker-default (enforce)"))])
        #expect(confined["AppArmor"]?.remedy?.contains("apparmor=unconfined") == true)
        #expect(confined["AppArmor"]?.finding.contains("docker-default (enforce)") == true)
    }

    @Test("where overlay is refused or /proc is covered, a step does without")
    func traits() {
        var traits = NamespaceTraits(best: .entered)
        traits.overlay = .refused
        traits.processes = .bound
        let found = checks([RungReport(.userns, working: "", traits: traits)]) {
            $0.storeFileSystem = "overlay"
            $0.coveredProc = ["/proc/kcore"]
        }
        #expect(found["overlay"]?.finding == "refused on the store's file system (overlay): steps run in copies")
        #expect(found["overlay"]?.remedy?.contains("ext4, xfs, btrfs or tmpfs") == true)
        #expect(found["/proc"]?.works == true && found["/proc"]?.remedy?.contains("procMount: Unmasked") == true)
    }

    /// One of each.
    private static let obstacles: [RungObstacle] = [
        .notRoot(uid: 7), .missingCapability(["CAP_SYS_ADMIN"]), .missingCapability(["CAP_MKNOD", "CAP_SETUID"]),
        .inUserNamespace, .inChroot, .noNewPrivileges, .notEntered, .userNamespacesUnknown, .noUserNamespaces(limit: 0),
        .noUserNamespaces(limit: 5), .unprivilegedUserNamespacesOff, .refusedByAppArmor,
        .confinedByAppArmor(profile: "p"), .refusedBySeccomp(call: "unshare", errno: 1), .noNewuidmap(["newuidmap"]),
        .powerlessNewuidmap(["/usr/bin/newuidmap"]), .setUserIDNewuidmap(["/usr/bin/newuidmap"]), .noAccount(uid: 7),
        .noSubordinateIDs(user: "ada", files: ["/etc/subuid"]), .tooFewSubordinateIDs(5),
        .unmappedSubordinateIDs("1 to 2"), .mapRefused("words"), .procMasked, .overlayRefused(fileSystem: "overlay"),
        .nodevStore, .storeNotWritable("words"), .noSupervisor(errno: 38), .refused("words"),
    ]

    @Test("each obstacle has words, a code, and where one is known a remedy", arguments: obstacles)
    func words(obstacle: RungObstacle) {
        let shown = Rootless.Obstacle(obstacle)
        #expect(!shown.description.isEmpty && !shown.code.isEmpty)
        #expect(shown.code.allSatisfy { $0.isLowercase || $0 == "-" }, "\(shown.code)")
        let own = ["in-user-namespace", "map-refused", "refused"].contains(shown.code)
        #expect((shown.remedy == nil) == own, "\(shown.code): \(shown.remedy ?? "none")")
        #expect(shown.remedy != "")
    }

    @Test("the exact commands")
    func commands() {
        #expect(
            RungObstacle.noSubordinateIDs(user: "ada", files: []).remedy
                == "usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ada")
        #expect(RungObstacle.noNewuidmap(["newuidmap"]).remedy == "apt-get install uidmap")
        #expect(
            RungObstacle.unprivilegedUserNamespacesOff.remedy == "sysctl -w kernel.unprivileged_userns_clone=1")
        #expect(RungObstacle.noUserNamespaces(limit: 0).remedy == "sysctl -w user.max_user_namespaces=15000")
        #expect(
            RungObstacle.missingCapability(["CAP_MKNOD", "CAP_SETUID"]).remedy?.hasSuffix(
                "--cap-add MKNOD --cap-add SETUID") == true)
    }
}
