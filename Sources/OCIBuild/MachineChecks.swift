import Sandboxing

/// What the facts about a machine mean for builds: a line for each, with the command or setting that changes it. Nothing
/// is asked of the machine here.
struct MachineChecks {
    typealias Check = DoctorReport.Check

    let facts: MachineFacts
    let reports: [RungReport]

    init(_ facts: MachineFacts, _ reports: [RungReport]) {
        self.facts = facts
        self.reports = reports
    }

    /// Every line; those about the way into a user namespace only for those who need one.
    var all: [Check] {
        let root = report(.root)?.available == true
        return (root ? [] : [account, identities, programs, privileges, namespaces, filter, appArmor])
            + [processes, overlay, rootFileSystem, home, fuse, store]
    }

    private func report(_ isolation: Isolation) -> RungReport? { reports.first { $0.isolation == isolation } }

    private var obstacles: [RungObstacle] { reports.compactMap(\.obstacle) }

    private var traits: NamespaceTraits? { reports.first { $0.available }?.traits }

    // MARK: The user

    private var account: Check {
        if let name = facts.account {
            return Check(name: "account", works: true, finding: "uid \(facts.user) is \(name)")
        }
        return Check("account", against: .noAccount(uid: facts.user))
    }

    private var identities: Check {
        if facts.user == 0 {
            return Check(name: "subordinate ids", works: true, finding: "root needs none")
        }
        if !facts.filesWithoutUser.isEmpty {
            let obstacle = RungObstacle.noSubordinateIDs(
                user: facts.account ?? "\(facts.user)", files: facts.filesWithoutUser)
            // Without an account the first thing is to make one.
            return Check(
                name: "subordinate ids", works: false, finding: obstacle.description,
                remedy: facts.account == nil ? nil : obstacle.remedy, obstacle: obstacle.code)
        }
        guard facts.subordinateIDs >= Int(NamespaceEntry.neededIDs) else {
            return Check("subordinate ids", against: .tooFewSubordinateIDs(facts.subordinateIDs))
        }
        return Check(name: "subordinate ids", works: true, finding: "\(facts.subordinateIDs) ids, with the user's own")
    }

    private var programs: Check {
        if facts.user == 0 { return Check(name: "newuidmap", works: true, finding: "root needs none") }
        if !facts.missingPrograms.isEmpty { return Check("newuidmap", against: .noNewuidmap(facts.missingPrograms)) }
        if !facts.powerlessPrograms.isEmpty {
            return Check("newuidmap", against: .powerlessNewuidmap(facts.powerlessPrograms))
        }
        return Check(
            name: "newuidmap", works: true, finding: "newuidmap and newgidmap are installed, and have their powers")
    }

    private var privileges: Check {
        facts.hasNoNewPrivileges
            ? Check("no_new_privs", against: .noNewPrivileges)
            : Check(name: "no_new_privs", works: true, finding: "not set: programs may gain privileges")
    }

    // MARK: User namespaces

    private var namespaces: Check {
        if report(.userns)?.available == true || report(.single)?.available == true {
            return Check(name: "user namespaces", works: true, finding: "can be made")
        }
        // What stands against single is about the namespace alone.
        guard let obstacle = report(.single)?.obstacle ?? report(.userns)?.obstacle else {
            return Check(name: "user namespaces", works: false, finding: "were not tried")
        }
        return Check("user namespaces", against: obstacle)
    }

    private var filter: Check {
        for obstacle in obstacles {
            if case .refusedBySeccomp = obstacle { return Check("seccomp", against: obstacle) }
        }
        let finding = facts.isFiltered ? "a filter is installed, and lets through what is needed" : "no filter"
        return Check(name: "seccomp", works: true, finding: finding)
    }

    private var appArmor: Check {
        for obstacle in obstacles {
            switch obstacle {
            case .refusedByAppArmor, .confinedByAppArmor: return Check("AppArmor", against: obstacle)
            default: continue
            }
        }
        let profile = facts.appArmorProfile.map { "the profile \($0)" }
        let finding =
            facts.isRestrictedByAppArmor
            ? "restricts user namespaces, but not those of this program" : profile ?? "holds nothing back"
        return Check(name: "AppArmor", works: true, finding: finding)
    }

    // MARK: File systems

    private var processes: Check {
        if facts.coveredProc.isEmpty { return Check(name: "/proc", works: true, finding: "whole") }
        let places = "covered in \(facts.coveredProc.count) places"
        guard traits?.processes == .bound || obstacles.contains(.procMasked) else {
            return Check(name: "/proc", works: true, finding: "\(places), and steps get one of their own")
        }
        return Check(
            name: "/proc", works: !obstacles.contains(.procMasked),
            finding: "\(places), so that steps see the builder's processes in theirs",
            remedy: RungObstacle.procMasked.remedy,
            obstacle: RungObstacle.procMasked.code)
    }

    private var overlay: Check {
        let place = facts.storeFileSystem ?? "unknown"
        let refused = RungObstacle.overlayRefused(fileSystem: place)
        switch traits?.overlay {
        case .trusted?, .user?:
            return Check(name: "overlay", works: true, finding: "works on the store's file system (\(place))")
        case .refused?:
            return Check(
                name: "overlay", works: false,
                finding: "refused on the store's file system (\(place)): steps run in copies",
                remedy: refused.remedy, obstacle: refused.code)
        case nil:
            return Check(name: "overlay", works: true, finding: "not used: the rung works in copies")
        }
    }

    private var rootFileSystem: Check {
        Check(
            name: "root files", works: true,
            finding: facts.isRootReadOnly ? "read-only, which is enough: everything is below the store" : "writable")
    }

    private var home: Check {
        if facts.hasHome { return Check(name: "HOME", works: true, finding: "set") }
        return Check(
            name: "HOME", works: true, finding: "not set: the store is \(facts.store)",
            remedy: "OCIBUILD_ROOT=DIR keeps the store, and with it the cache, where you want it")
    }

    private var fuse: Check {
        Check(
            name: "/dev/fuse", works: true,
            finding: facts.hasFuse ? "not needed" : "absent, and not needed: overlay is the kernel's own")
    }

    private var store: Check {
        let place = "\(facts.store) (\(facts.storeFileSystem ?? "unknown"))"
        let remedy = "ocibuild prune --all, or --root on a larger file system"
        guard let free = facts.freeBytes else {
            return Check("store", against: .storeNotWritable("\(facts.store)"))
        }
        let works = free > 1 << 30
        return Check(
            name: "store", works: works, finding: "\(place) has \(free >> 20) MiB free", remedy: works ? nil : remedy)
    }
}
