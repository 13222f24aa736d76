import LinuxSystem
import Testing

@testable import Sandboxing

@Suite struct SandboxPlanTests {
    static let spec = SandboxSpec(
        root: .overlay(lowers: ["/s/b/fs", "/s/a/fs"], upper: "/s/c/fs", work: "/s/c/work", base: "/s"),
        command: ["make", "all"], environment: ["PATH=/usr/bin:/bin", "TOKEN=secret"], workingDirectory: "/src",
        user: SandboxUser(uid: 1000, gid: 100, groups: [27]), network: .none, hostname: "box",
        privateFiles: [ProvidedFile(path: "/dev/.ocibuild/ca/all.pem", content: [1, 2, 3], mode: 0o444)])

    @Test func namespacesInFull() throws {
        var layout = TreeLayout()
        layout.stubLayer = "/s/c/stubs"
        layout.files = [TreeLayout.File(target: "/etc/resolv.conf", content: [0x6e], mode: 0o644)]
        let expected = """
            namespaces mnt pid ipc uts cgroup net
            mount -o rec,private none /
            cd /s
            mount -t overlay -o nodev overlay /s (lowerdir=c/stubs:b/fs:a/fs\
            ,upperdir=c/fs,workdir=c/work,redirect_dir=off,metacopy=off,index=off,volatile)
            cd /s
            pivot_root . .
            mount -t tmpfs -o nosuid,strictatime tmpfs /dev (mode=755,size=65536k)
            expect tmpfs at /dev
            mknod 0666 /dev/null c 1 3
            mount -o bind /dev/null /dev/null
            mknod 0666 /dev/zero c 1 5
            mount -o bind /dev/zero /dev/zero
            mknod 0666 /dev/full c 1 7
            mount -o bind /dev/full /dev/full
            mknod 0666 /dev/random c 1 8
            mount -o bind /dev/random /dev/random
            mknod 0666 /dev/urandom c 1 9
            mount -o bind /dev/urandom /dev/urandom
            mknod 0666 /dev/tty c 5 0
            mount -o bind /dev/tty /dev/tty
            mount -o nosuid,nodev,remount,bind,strictatime none /dev
            ln -s /proc/self/fd /dev/fd
            ln -s /proc/self/fd/0 /dev/stdin
            ln -s /proc/self/fd/1 /dev/stdout
            ln -s /proc/self/fd/2 /dev/stderr
            ln -s pts/ptmx /dev/ptmx
            mkdir 0755 /dev/pts
            mount -t devpts -o nosuid,noexec devpts /dev/pts (newinstance,ptmxmode=0666,mode=0620,gid=5)
            mkdir 1777 /dev/shm
            mount -t tmpfs -o nosuid,nodev,noexec shm /dev/shm (mode=1777,size=67108864)
            mkdir 0755 /dev/mqueue
            mount -t mqueue -o nosuid,nodev,noexec mqueue /dev/mqueue
            mkdir 0755 /dev/.ocibuild
            mkdir 0755 /dev/.ocibuild/ca
            write 0444 /dev/.ocibuild/ca/all.pem (3 bytes)
            mount -t proc -o nosuid,nodev,noexec proc /proc
            expect proc at /proc
            mount -t sysfs -o ro,nosuid,nodev,noexec sysfs /sys
            expect sysfs at /sys
            write 0644 /dev/.ocibuild/.provided-0 (1 bytes)
            mount -o bind /dev/.ocibuild/.provided-0 /etc/resolv.conf
            mask /proc/acpi
            mask /proc/asound
            mask /proc/interrupts
            mask /proc/kcore
            mask /proc/keys
            mask /proc/latency_stats
            mask /proc/sched_debug
            mask /proc/scsi
            mask /proc/timer_list
            mask /proc/timer_stats
            mask /sys/firmware
            mask /sys/devices/virtual/powercap
            read-only /proc/bus
            read-only /proc/fs
            read-only /proc/irq
            read-only /proc/sys
            read-only /proc/sysrq-trigger
            hostname box
            link lo up
            umask 0022
            limit core 0
            enter /src
            check command
            bounding 00000000a80425fb
            groups 100,27
            gid 100
            uid 1000
            capabilities 00000000a80425fb
            environment PATH TOKEN
            execute /usr/bin/make | /bin/make: ["make", "all"]
            """
        #expect(try SandboxPlan.namespaces(Self.spec, layout: layout).description == expected)
    }

    @Test func chrootInFull() throws {
        var spec = Self.spec
        spec.root = .directory("/s/copy")
        spec.network = .host
        spec.command = ["/bin/sh", "-c", "true"]
        let expected = """
            namespaces none
            chroot /s/copy
            umask 0022
            limit core 0
            enter /src
            check command
            bounding 00000000a00025fb
            groups 100,27
            gid 100
            uid 1000
            capabilities 00000000a00025fb
            environment PATH TOKEN
            execute /bin/sh: ["/bin/sh", "-c", "true"]
            """
        #expect(try SandboxPlan.chroot(spec).description == expected)
    }

    @Test func chrootRefusesWhatItCannotDo() {
        var spec = Self.spec
        #expect(throws: SandboxError.self) { try SandboxPlan.chroot(spec) }
        spec.root = .directory("/s/copy")
        let error = #expect(throws: SandboxError.self) { try SandboxPlan.chroot(spec) }
        #expect(error?.subject == "network=none")
    }

    @Test func overlayOptions() {
        let odd = OverlayMount(lowers: ["/s/a:b", "/t/c,d"], upper: "/s/e:f", work: "/s/g\\h", base: "/s")
        #expect(
            odd.operation(target: "/s").description
                == "mount -t overlay -o nodev overlay /s (lowerdir=a\\:b:/t/c\\,d,upperdir=e:f,workdir=g\\\\h,"
                + "redirect_dir=off,metacopy=off,index=off,volatile)")
        let many = OverlayMount(
            lowers: (0..<500).map { Path("/s/layer-\($0)") }, upper: "/s/u", work: "/s/w", base: "/s")
        guard case .overlay("/s", let options) = many.operation(target: "/s") else {
            Issue.record("500 layers do not fit in a page of options")
            return
        }
        #expect(options.count == 506)
        #expect(options.first == OverlayOption(name: "lowerdir+", value: "layer-0"))
        #expect(options.last == OverlayOption(name: "volatile", value: nil))
    }

    @Test func commandsAreLookedForInThePathOfTheStep() throws {
        var plan = SandboxPlan(namespaces: [])
        try plan.setCommand(of: Self.spec)
        #expect(plan.executables == ["/usr/bin/make", "/bin/make"])
        var spec = Self.spec
        spec.environment = []
        try plan.setCommand(of: spec)
        #expect(plan.executables.count == 6)
        spec.command = ["./x"]
        try plan.setCommand(of: spec)
        #expect(plan.executables == ["./x"])
    }

    @Test func secretsAreNotInTheText() throws {
        #expect(!(try SandboxPlan.namespaces(Self.spec, layout: TreeLayout()).description.contains("secret")))
    }

    @Test func filterAndPrivileges() {
        #expect(SandboxOperation.seccomp([UInt8](repeating: 0, count: 16)).description == "seccomp (2 instructions)")
        #expect(Capabilities.container.description == "00000000a80425fb")
        #expect(SandboxPlan.chrootCapabilities.description == "00000000a00025fb")
    }
}
