import LinuxSystem
import OCIContent
import Sandboxing

/// What this machine allows, rung by rung of the sandbox ladder, and what would lift what it does not.
public struct DoctorReport: Sendable, Codable {
    /// One thing that was tried.
    public struct Check: Sendable, Codable {
        /// Its name: a rung, or a part of the store.
        public let name: String
        /// Whether it works.
        public let works: Bool
        /// What was found.
        public let finding: String
        /// The command or setting that would make it work.
        public let remedy: String?
    }

    /// The rungs of the ladder, strongest first.
    public let rungs: [Check]
    /// The rung that a build takes by itself.
    public let chosen: String
    /// Store, name resolution, certificates.
    public let surroundings: [Check]
}

extension Builder {
    /// Tries what a build needs, by doing it.
    public func doctor() async throws -> DoctorReport {
        let root = Path(self.root)
        let environment = self.environment
        return try await BlockingPool.shared.run {
            let found = SandboxProbe(storeRoot: root).reports()
            let rungs = found.map { report in
                DoctorReport.Check(
                    name: report.isolation.rawValue, works: report.available, finding: report.reason,
                    remedy: report.remedy)
            }
            let free = try FileSystem.freeSpace(at: root)
            let bundle = CertificateBundle.ofHost(environment: environment)
            let resolver = (try? FileSystem.readFile("/etc/resolv.conf", limit: 1 << 20)) != nil
            return DoctorReport(
                rungs: rungs, chosen: SandboxProbe.strongest(of: found).rawValue,
                surroundings: [
                    .init(
                        name: "store", works: free > 1 << 30, finding: "\(root) has \(free >> 20) MiB free",
                        remedy: free > 1 << 30 ? nil : "ocibuild prune --all, or --root on a larger file system"),
                    .init(
                        name: "certificates", works: bundle != nil,
                        finding: bundle.map { "a bundle of \($0.count) certificates is lent to RUN steps" }
                            ?? "no bundle found",
                        remedy: bundle == nil ? "apt-get install ca-certificates, or --ca-bundle FILE" : nil),
                    .init(
                        name: "resolver", works: resolver,
                        finding: resolver ? "/etc/resolv.conf is lent to RUN steps" : "there is no /etc/resolv.conf",
                        remedy: resolver ? nil : "write \"nameserver ADDRESS\" to /etc/resolv.conf"),
                ])
        }
    }
}
