import Glibc
import LinuxSystem
import OCIContent
import Sandboxing

/// What this machine allows, rung by rung of the sandbox ladder, and what would lift what it does not.
public struct DoctorReport: Sendable, Codable {
    /// One thing that was tried or looked at.
    public struct Check: Sendable, Codable, Hashable {
        /// Its name: a rung, or a part of the machine.
        public let name: String
        /// Whether it works, or is of no concern.
        public let works: Bool
        /// What was found.
        public let finding: String
        /// The command or setting that would make it work.
        public let remedy: String?
        /// What stands against it, by a name that stays: `no-new-privileges`. See ``Rootless/Obstacle/code``.
        public let obstacle: String?

        init(name: String, works: Bool, finding: String, remedy: String? = nil, obstacle: String? = nil) {
            self.name = name
            self.works = works
            self.finding = finding
            self.remedy = remedy
            self.obstacle = obstacle
        }

        /// What an obstacle says of itself.
        init(_ name: String, against obstacle: RungObstacle) {
            self.init(
                name: name, works: false, finding: obstacle.description, remedy: obstacle.remedy,
                obstacle: obstacle.code)
        }

        init(_ report: RungReport) {
            self.init(
                name: report.isolation.rawValue, works: report.available, finding: report.reason,
                remedy: report.remedy, obstacle: report.obstacle?.code)
        }
    }

    /// The rungs of the ladder, strongest first.
    public let rungs: [Check]
    /// The rung that a build takes by itself.
    public let chosen: String
    /// User, privileges, file systems, store, network.
    public let surroundings: [Check]
}

extension Builder {
    /// Tries what a build needs, by doing it. Where this process could have entered a user namespace and has not, it
    /// says so.
    public func doctor() async throws -> DoctorReport {
        let root = Path(self.root)
        let environment = self.environment
        return try await BlockingPool.shared.run {
            let reports = SandboxProbe(storeRoot: root).reports()
            let facts = MachineFacts.ofHost(store: root, environment: environment)
            return DoctorReport(
                rungs: reports.map { Self.check($0) }, chosen: SandboxProbe.strongest(of: reports).rawValue,
                surroundings: MachineChecks(facts, reports).all + [Self.limits(ControlGroups.report())]
                    + Self.network(environment))
        }
    }

    private static func check(_ report: RungReport) -> DoctorReport.Check {
        // What a rung of root's meets in there is not what its user meets.
        if case .entered(let user, _) = NamespaceEntry.standing, user != 0, [.root, .chroot].contains(report.isolation)
        {
            return DoctorReport.Check(report.isolation.rawValue, against: .notRoot(uid: user))
        }
        guard report.obstacle == .notEntered else { return DoctorReport.Check(report) }
        // It was tried, and would have worked.
        return DoctorReport.Check(
            name: report.isolation.rawValue, works: true,
            finding: geteuid() == 0 ? "works when asked for (--isolation userns)" : "works after Rootless.enter()")
    }

    /// What `--memory` and the like rest on; without it they are kept by limits of single processes where that is
    /// possible.
    private static func limits(_ report: ControlGroups.Report) -> DoctorReport.Check {
        DoctorReport.Check(name: "limits", works: report.works, finding: report.finding, remedy: report.remedy)
    }

    private static func network(_ environment: [String: String]) -> [DoctorReport.Check] {
        let bundle = CertificateBundle.ofHost(environment: environment)
        let resolver = (try? FileSystem.readFile("/etc/resolv.conf", limit: 1 << 20)) != nil
        return [
            .init(
                name: "certificates", works: bundle != nil,
                finding: bundle.map { "a bundle of \($0.count) certificates is lent to RUN steps" }
                    ?? "no bundle found",
                remedy: bundle == nil ? "apt-get install ca-certificates, or --ca-bundle FILE" : nil),
            .init(
                name: "resolver", works: resolver,
                finding: resolver ? "/etc/resolv.conf is lent to RUN steps" : "there is no /etc/resolv.conf",
                remedy: resolver ? nil : "write \"nameserver ADDRESS\" to /etc/resolv.conf"),
        ]
    }
}
