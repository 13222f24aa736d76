import LinuxSystem
import OCIBuild
import OCISpec
import Testing

@Suite("What doctor finds on machines of all kinds")
struct DoctorEndToEndTests {
    /// A machine, made by what stands in its name.
    struct Machine: Sendable, CustomTestStringConvertible {
        let name: String
        var user = PlainUser()
        /// The rung that builds take there.
        let chosen: String
        /// By the name of a check: the obstacle that it names, and a part of the remedy.
        var named: [String: (obstacle: String, remedy: String)] = [:]
        /// By the name of a check: a part of its finding.
        var found: [String: String] = [:]

        var testDescription: String { name }
    }

    /// /usr/bin as it is, and changeable.
    private static let ownPrograms = """
        mkdir "$WORK/upper" "$WORK/work"
        mount -t overlay -o "lowerdir=/usr/bin,upperdir=$WORK/upper,workdir=$WORK/work" programs /usr/bin

        """

    private static let grant = "usermod --add-subuids 100000-165535 --add-subgids 100000-165535 enterer"

    static let machines: [Machine] = [
        Machine(
            name: "as it should be", chosen: "userns",
            found: ["subordinate ids": "65537 ids", "newuidmap": "are installed", "root files": "writable"]),
        Machine(
            name: "no new privileges", user: PlainUser(wrapper: ["--no-new-privs"]), chosen: "single",
            named: [
                "userns": ("no-new-privileges", "allowPrivilegeEscalation: true"),
                "no_new_privs": ("no-new-privileges", "NoNewPrivileges=no"),
            ]),
        Machine(
            name: "no subordinate ids", user: PlainUser(subordinate: "other:1:65536\n"), chosen: "single",
            named: [
                "userns": ("no-subordinate-ids", grant), "subordinate ids": ("no-subordinate-ids", grant),
                "root": ("not-root", "sudo"), "chroot": ("not-root", "sudo"),
            ]),
        Machine(
            name: "too few subordinate ids", user: PlainUser(subordinate: "enterer:200000:10\n"), chosen: "single",
            named: ["userns": ("too-few-subordinate-ids", "usermod --add-subuids 100000-165535")]),
        Machine(
            name: "no newuidmap",
            user: PlainUser(preparation: ownPrograms + "rm /usr/bin/newuidmap /usr/bin/newgidmap"), chosen: "single",
            named: [
                "userns": ("no-newuidmap", "apt-get install uidmap"),
                "newuidmap": ("no-newuidmap", "apt-get install uidmap"),
            ]),
        Machine(
            name: "newuidmap without its power",
            user: PlainUser(preparation: ownPrograms + "chmod u-s /usr/bin/newuidmap"), chosen: "single",
            named: [
                "userns": ("powerless-newuidmap", "chmod u+s /usr/bin/newuidmap"),
                "newuidmap": ("powerless-newuidmap", "chmod u+s /usr/bin/newuidmap"),
            ]),
        Machine(
            name: "programs on a file system with nosuid",
            user: PlainUser(preparation: "mount --bind /usr/bin /usr/bin; mount -o remount,bind,nosuid /usr/bin"),
            chosen: "single", named: ["newuidmap": ("powerless-newuidmap", "no nosuid")]),
        Machine(
            name: "newuidmap by its set-user-ID bit, in a container",
            user: PlainUser(wrapper: ["--bounding-set", "-sys_admin"]), chosen: "single",
            named: [
                "userns": ("set-user-id-newuidmap", "setcap cap_setuid=ep /usr/bin/newuidmap && chmod u-s")
            ]),
        Machine(
            name: "a number without an account",
            user: PlainUser(hasAccount: false, subordinate: "4321:200000:65536\n"), chosen: "single",
            named: [
                "account": ("no-account", "useradd --uid 4321"), "userns": ("no-account", "useradd --uid 4321"),
            ]),
        Machine(
            name: "Docker's system call filter",
            user: PlainUser(filter: .docker), chosen: "none",
            named: [
                "userns": ("refused-by-seccomp", "seccomp.json"), "single": ("refused-by-seccomp", "Localhost"),
                "seccomp": ("refused-by-seccomp", "--security-opt seccomp="),
                "user namespaces": ("refused-by-seccomp", "seccomp"),
            ]),
        Machine(
            name: "user namespaces without power, as Ubuntu's AppArmor leaves them",
            user: PlainUser(
                preparation: """
                    mount -t tmpfs settings /proc/sys/kernel
                    echo 1 >/proc/sys/kernel/apparmor_restrict_unprivileged_userns
                    """,
                filter: SystemCallFilter(refused: [], denied: ["mount"])),
            chosen: "none",
            named: [
                "userns": ("refused-by-apparmor", "/etc/apparmor.d/ocibuild"),
                "single": ("refused-by-apparmor", "kernel.apparmor_restrict_unprivileged_userns=0"),
                "AppArmor": ("refused-by-apparmor", "userns,"),
            ]),
        Machine(
            name: "user namespaces for root only",
            user: PlainUser(
                preparation: """
                    mount -t tmpfs settings /proc/sys/kernel
                    echo 0 >/proc/sys/kernel/unprivileged_userns_clone
                    """,
                filter: .docker),
            chosen: "none",
            named: [
                "userns": ("unprivileged-user-namespaces-off", "sysctl -w kernel.unprivileged_userns_clone=1")
            ]),
        Machine(
            name: "no user namespaces left", user: PlainUser(namespaceLimit: 0), chosen: "none",
            named: [
                "userns": ("no-user-namespaces", "sysctl -w user.max_user_namespaces="),
                "single": ("no-user-namespaces", "sysctl -w user.max_user_namespaces="),
            ]),
        Machine(
            name: "covered /proc, as containers have it",
            user: PlainUser(preparation: "mount --bind /dev/null /proc/interrupts"),
            chosen: "userns", named: ["/proc": ("proc-masked", "procMount: Unmasked")]),
        Machine(
            name: "the store on an overlay",
            user: PlainUser(
                preparation: """
                    mkdir "$WORK/upper" "$WORK/work"
                    chown 4321 "$WORK/upper"
                    mount -t overlay -o "lowerdir=$WORK/home,upperdir=$WORK/upper,workdir=$WORK/work" home "$WORK/home"
                    """),
            chosen: "userns", named: ["overlay": ("overlay-refused", "ext4, xfs, btrfs or tmpfs")]),
        Machine(
            name: "a read-only root file system, and no HOME",
            user: PlainUser(
                preparation: """
                    mount --bind "$WORK" "$WORK"
                    mount -o remount,bind,ro /
                    export TMPDIR="$WORK/home"
                    unset HOME
                    """),
            chosen: "userns",
            found: ["root files": "read-only", "HOME": "/ocibuild-4321", "store": "/home/ocibuild-4321"]),
    ]

    @Test("obstacles and what lifts them", arguments: machines)
    func finds(machine: Machine) async throws {
        let outcome = try await CommandBench().script(machine.user.script("\"$OCIBUILD\" doctor --json"))
        #expect(outcome.status == 0, "\(outcome)")
        let report = try CanonicalJSON.decode(DoctorReport.self, from: Array(outcome.output.utf8))
        #expect(report.chosen == machine.chosen, "\(outcome)")
        let checks = Dictionary(
            (report.rungs + report.surroundings).map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        for (name, expected) in machine.named {
            let check = try #require(checks[name], "\(name): \(outcome)")
            #expect(check.obstacle == expected.obstacle, "\(name): \(check)")
            #expect(check.remedy?.contains(expected.remedy) == true, "\(name): \(check)")
        }
        for (name, text) in machine.found {
            #expect(checks[name]?.finding.contains(text) == true, "\(name): \(outcome)")
        }
        if machine.chosen == "userns" {
            #expect(checks["userns"]?.works == true && checks["newuidmap"]?.works == true, "\(outcome)")
        }
    }

    @Test("root sees what is root's")
    func root() async throws {
        let bench = try CommandBench()
        let report = try CanonicalJSON.decode(
            DoctorReport.self, from: Array(try await bench.succeed("doctor", "--json").utf8))
        #expect(report.chosen == "root" && report.rungs.map(\.works) == [true, true, true, true, true], "\(report)")
        #expect(!report.surroundings.contains { $0.name == "subordinate ids" })
        let text = try await bench.succeed("doctor")
        #expect(text.contains("root            namespaces") && text.contains("(used by default)"), "\(text)")
    }
}
