import LinuxSystem
import Testing

@testable import Sandboxing

@Suite struct SandboxProbeTests {
    @Test func asRoot() throws {
        let folder = try TemporaryDirectory()
        let report = SandboxProbe.report(storeRoot: folder.path)
        #expect(report.map(\.isolation) == Isolation.allCases)
        #expect(report[0].available, "\(report[0].reason)")
        #expect(report[3].available, "\(report[3].reason)")
        #expect(report.allSatisfy { !$0.reason.isEmpty })
        #expect(report.filter { !$0.available }.map(\.isolation) == [.userns, .single])
        #expect(SandboxProbe.strongest(of: report) == .root)
        #expect(SandboxProbe.strongest(of: report.filter { $0.isolation == .none }) == .none)
        #expect(try DirectoryListing.entries(at: folder.path).isEmpty)
    }

    @Test func aStoreThatCannotHoldAnOverlay() throws {
        // An overlay on /proc is refused by the kernel; so is making the directories.
        let report = SandboxProbe.report(storeRoot: "/proc")
        #expect(!report[0].available)
        #expect(report[0].remedy != nil)
    }
}
