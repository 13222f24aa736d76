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
            GOLDEN
            """
        #expect(try SandboxPlan.namespaces(Self.spec, layout: layout).description == expected)
    }

    @Test func chrootInFull() throws {
        var spec = Self.spec
        spec.root = .directory("/s/copy")
        spec.network = .host
        spec.command = ["/bin/sh", "-c", "true"]
        let expected = """
            GOLDCHROOT
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
                == "mount -t overlay overlay /s (lowerdir=a\\:b:/t/c\\,d,upperdir=e:f,workdir=g\\\\h,"
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
