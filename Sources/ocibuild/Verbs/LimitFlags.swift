import OCIBuild

/// The options of `build` that limit what each RUN step may use, under the names that docker and buildah have for them.
enum LimitFlags {
    static let timeout = Flag.option(
        "timeout", .text("DURATION"), in: .limits,
        "Kill a RUN step that takes longer (90s, 10m, 1h30m), which ends the build with status 124. Default: 0, never.")
    static let memory = Flag.option(
        "memory", short: "m", .text("SIZE"), in: .limits,
        "Memory of a RUN step (512m, 2g). One that needs more is killed: status 137. Needs a control group of its own, "
            + "else it holds for each process alone; `ocibuild doctor` tells.")
    static let memorySwap = Flag.option(
        "memory-swap", .text("SIZE"), in: .limits,
        "Memory and swap together; -1 for any amount of swap. Default: twice --memory.")
    static let cpus = Flag.option(
        "cpus", .text("NUMBER"), in: .limits, "How many processors' time a RUN step gets (1.5). Needs a control group.")
    static let cpuQuota = Flag.option(
        "cpu-quota", .number("MICROSECONDS", -1...Int(Int32.max)), in: .limits,
        "The same as time within each --cpu-period.")
    static let cpuPeriod = Flag.option(
        "cpu-period", .number("MICROSECONDS", 1000...1_000_000), in: .limits, "Default: 100000.")
    static let cpuShares = Flag.option(
        "cpu-shares", short: "c", .number("N", 0...262_144), in: .limits,
        "The weight of a RUN step when processors are short; others have 1024. Needs a control group.")
    static let cpusetCpus = Flag.option(
        "cpuset-cpus", .text("LIST"), in: .limits, "The processors that a RUN step runs on (0-2,5).")
    static let pidsLimit = Flag.option(
        "pids-limit", .number("N", -1...4_194_304), in: .limits,
        "Processes and threads of a RUN step at a time; 0 or -1 for no limit. Default: half of what the machine has, at "
            + "most 32768, so that a fork bomb ends with its step.")
    static let ulimit = Flag.option(
        "ulimit", .text("NAME=SOFT[:HARD]"), repeatable: true, in: .limits,
        "A limit of each process (nofile=1024:2048); -1 for none.")
    static let shmSize = Flag.option(
        "shm-size", .text("SIZE"), in: .limits, "What /dev/shm holds. Default: 64m.")

    static let all = [
        timeout, memory, memorySwap, cpus, cpuQuota, cpuPeriod, cpuShares, cpusetCpus, pidsLimit, ulimit, shmSize,
    ]

    /// What a command line says of limits.
    static func limits(_ session: Session) throws(UsageError) -> StepLimits {
        let arguments = session.arguments
        var limits = StepLimits()
        if let text = arguments.text(timeout) {
            guard let duration = Quantity.duration(text) else {
                throw problem(timeout, text, "no duration such as 90s, 10m or 1h30m", session)
            }
            limits.timeout = duration
        }
        limits.memory = try size(memory, session)
        limits.sharedMemory = try size(shmSize, session)
        if arguments.text(memorySwap) == "-1" {
            limits.memoryAndSwap = -1
        } else if let total = try size(memorySwap, session) {
            limits.memoryAndSwap = total
        }
        if let total = limits.memoryAndSwap {
            guard let memory = limits.memory else { throw session.failure("--memory-swap needs --memory beside it") }
            guard total < 0 || total >= memory else {
                throw session.failure("--memory-swap is memory and swap together: it cannot be less than --memory")
            }
        }
        try readProcessors(session, &limits)
        limits.processes = arguments.number(pidsLimit)
        for text in arguments.texts(ulimit) {
            guard let limit = ResourceLimit(parsing: text) else {
                let names = ResourceLimit.Resource.allCases.map(\.rawValue).joined(separator: ", ")
                throw problem(
                    ulimit, text, "not NAME=SOFT[:HARD], with SOFT not above HARD and a name of \(names)", session)
            }
            limits.resources.removeAll { $0.resource == limit.resource }
            limits.resources.append(limit)
        }
        return limits
    }

    private static func readProcessors(_ session: Session, _ limits: inout StepLimits) throws(UsageError) {
        let arguments = session.arguments
        if let text = arguments.text(cpus) {
            guard let count = Double(text), count.isFinite, (0...65536).contains(count), text.first?.isNumber == true
            else {
                throw problem(cpus, text, "no number of processors such as 2 or 0.5", session)
            }
            limits.processors = count == 0 ? nil : count
        }
        let quota = arguments.number(cpuQuota) ?? 0
        if let period = arguments.number(cpuPeriod) { limits.processorPeriod = period }
        if quota > 0 {
            guard limits.processors == nil else {
                throw session.failure("--cpus and --cpu-quota say the same thing: give one")
            }
            limits.processors = Double(quota) / Double(limits.processorPeriod ?? 100_000)
        }
        limits.processorShares = arguments.number(cpuShares).flatMap { $0 == 0 ? nil : $0 }
        limits.processorSet = arguments.text(cpusetCpus).flatMap { $0.isEmpty ? nil : $0 }
        if !limits.hasValidProcessorSet {
            throw problem(cpusetCpus, limits.processorSet ?? "", "no list of processors such as 0-2,5", session)
        }
    }

    /// A size; 0 counts as none, as docker has it.
    private static func size(_ flag: Flag, _ session: Session) throws(UsageError) -> Int64? {
        guard let text = session.arguments.text(flag) else { return nil }
        guard let bytes = Quantity.bytes(text) else {
            throw problem(flag, text, "no size such as 512m or 2g", session)
        }
        return bytes == 0 ? nil : bytes
    }

    private static func problem(_ flag: Flag, _ text: String, _ expected: String, _ session: Session) -> UsageError {
        session.failure("--\(flag.name) \"\(TerminalText.escape(text))\" is \(expected)")
    }
}
