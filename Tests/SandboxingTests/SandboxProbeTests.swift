import LinuxSystem
import Testing

@testable import Sandboxing

@Suite struct SandboxProbeTests {
    @Test func asRoot() throws {
        let folder = try TemporaryDirectory()
        let report = SandboxProbe(storeRoot: folder.path).reports()
        #expect(report.map(\.isolation) == Isolation.allCases)
        #expect(report[0].available, "\(report[0].reason)")
        #expect(report[3].available, "\(report[3].reason)")
        #expect(report.allSatisfy { !$0.reason.isEmpty })
        #expect(report.filter { !$0.available }.map(\.isolation) == [.userns])
        #expect(report[1].obstacle == .notEntered)
        #expect(report[0].traits == .root)
        #expect(report[2].traits == NamespaceTraits(best: .single))
        #expect(SandboxProbe.strongest(of: report) == .root)
        #expect(SandboxProbe.strongest(of: report.filter { $0.isolation == .none }) == .none)
        #expect(try DirectoryListing.entries(at: folder.path).isEmpty)
    }

    @Test func lowersOneByOne() throws {
        let folder = try TemporaryDirectory()
        let probe = SandboxProbe(storeRoot: folder.path)
        let release = String(decoding: try FileSystem.readFile("/proc/sys/kernel/osrelease", limit: 256), as: UTF8.self)
        let version = release.split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
        // Somebody's older kernel may have it too.
        if !version.lexicographicallyPrecedes([6, 7]) {
            for user in [NamespaceTraits.UserNamespace.initial, .single] {
                #expect(probe.takesLowersOneByOne(NamespaceTraits(best: user)), "\(user)")
            }
        }
        #expect(!SandboxProbe(storeRoot: "/proc").takesLowersOneByOne(.root))
        #expect(try DirectoryListing.entries(at: folder.path).isEmpty)
    }

    @Test func aStoreThatCannotHoldAnOverlay() throws {
        // An overlay on /proc is refused by the kernel; so is making the directories.
        let report = SandboxProbe(storeRoot: "/proc").reports()
        #expect(!report[0].available)
        #expect(report[0].remedy != nil)
    }
}
