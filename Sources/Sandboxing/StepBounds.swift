/// How the limits of a step are kept: ``LimitPlan`` says which means a machine has for them.
package struct StepBounds: Hashable, Sendable {
    /// A control group to be made for the step.
    struct Group: Hashable, Sendable {
        /// One of its files, and what is written to it.
        struct Setting: Hashable, Sendable {
            var file: String
            var value: String
            /// Not every kernel has the file.
            var isOptional = false
        }

        var place: ControlGroups.Place
        var settings: [Setting]
    }

    /// In each hierarchy that is needed, one.
    var groups: [Group] = []
    /// For each process.
    var resources: [ResourceLimit] = []
    /// Numbers of the step's processes stay below this, so that there are no more of them at a time; from Linux 6.14 on,
    /// each process namespace has such a bound of its own.
    var processNumbers: Int?
    /// That bound was asked for: where it cannot be set, the step does not run.
    var requiresProcessNumbers = false
    /// The processors it may use.
    var processors: Set<Int>?
    /// Bytes of /dev/shm.
    var sharedMemory: Int64 = 64 << 20
    /// Nanoseconds after which the step is killed; 0 for never.
    var timeout: UInt64 = 0

    /// No bounds.
    package init() {}
}

extension SandboxPlan {
    /// What limits the step's own processes, to be done while it may still do everything.
    static func limiting(_ bounds: StepBounds) -> [SandboxOperation] {
        var operations: [SandboxOperation] = []
        if let processors = bounds.processors, let last = processors.max() {
            // Whole words, as the kernel takes them.
            var mask = [UInt8](repeating: 0, count: (last / 64 + 1) * 8)
            for number in processors { mask[number / 8] |= 1 << UInt8(number % 8) }
            operations.append(.processors(mask))
        }
        return operations + bounds.resources.map { .limit($0) }
    }

    /// What bounds the step's processes together. To be done when its own /proc is mounted, and not yet read-only.
    static func boundingProcesses(_ bounds: StepBounds) -> [SandboxOperation] {
        bounds.processNumbers.map { [.processNumbers(below: $0, isRequired: bounds.requiresProcessNumbers)] } ?? []
    }
}
