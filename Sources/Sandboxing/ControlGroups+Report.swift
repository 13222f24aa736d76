import Glibc
import LinuxSystem

extension ControlGroups {
    /// What `doctor` says of them.
    package struct Report: Hashable, Sendable {
        /// Whether a step gets groups of its own for everything that can be limited.
        package let works: Bool
        /// The controllers that it gets, by the kernel's names.
        package let controllers: [String]
        /// What was found.
        package let finding: String
        /// What would lift what is in the way; nil where nothing is.
        package let remedy: String?
    }

    /// Whether control groups may be divided here, and which; nothing is changed to find out.
    package static func report() -> Report {
        let groups = ofThisProcess()
        let names = Controller.allCases.filter { groups.places[$0] != nil }.map(\.rawValue)
        let isComplete = names.count == Controller.allCases.count
        let finding =
            names.isEmpty
            ? "no control group may be divided" : "control groups for \(names.joined(separator: ", "))"
        let why = groups.refusals.joined(separator: "; ")
        return Report(
            works: isComplete, controllers: names, finding: finding + (isComplete || why.isEmpty ? "" : ": \(why)"),
            remedy: isComplete
                ? nil : remedy(hasSystemd: FileSystem.exists("/run/systemd/system"), isRoot: geteuid() == 0))
    }

    static func remedy(hasSystemd: Bool, isRoot: Bool) -> String {
        guard hasSystemd else {
            return
                "let the container runtime mount its control group writable, with ocibuild as its first process (docker "
                + "run --privileged --cgroupns=private)"
        }
        return "systemd-run \(isRoot ? "" : "--user ")--scope -p Delegate=yes ocibuild build …"
    }

    /// Whether groups of a controller can be made without moving any process.
    func isReady(_ controller: Controller) -> Bool {
        places[controller].map { !$0.isUnified || crowded == nil } ?? false
    }

    mutating func refuse(_ controller: Controller, because reason: String) {
        places[controller] = nil
        refusals.append(reason)
    }
}
