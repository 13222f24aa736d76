/// A limit of setrlimit(2) for each process of a step, as docker's `--ulimit` gives it.
public struct ResourceLimit: Hashable, Sendable {
    /// What is limited, under the names of `docker run --ulimit`, and `as`, the address space.
    public enum Resource: String, CaseIterable, Hashable, Sendable {
        case core, cpu, data, fsize, locks, memlock, msgqueue, nice, nofile, nproc, rss, rtprio, rttime
        case sigpending, stack
        /// The address space of a process, in bytes.
        case addressSpace = "as"

        /// The number that the kernel has for it, the same on x86_64 and aarch64.
        var number: Int {
            switch self {
            case .cpu: 0
            case .fsize: 1
            case .data: 2
            case .stack: 3
            case .core: 4
            case .rss: 5
            case .nproc: 6
            case .nofile: 7
            case .memlock: 8
            case .addressSpace: 9
            case .locks: 10
            case .sigpending: 11
            case .msgqueue: 12
            case .nice: 13
            case .rtprio: 14
            case .rttime: 15
            }
        }
    }

    /// What is limited.
    public let resource: Resource
    /// What a process begins with; nil for no limit.
    public let soft: UInt64?
    /// What it may raise that to; nil for no limit.
    public let hard: UInt64?

    /// A limit; nil stands for none.
    public init(_ resource: Resource, soft: UInt64?, hard: UInt64?) {
        self.resource = resource
        self.soft = soft
        self.hard = hard
    }

    /// Reads `NAME=SOFT[:HARD]`, where -1 is no limit and HARD is SOFT unless told; nil for anything else, a soft limit
    /// above the hard one included.
    public init?(parsing text: String) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let resource = Resource(rawValue: String(parts[0])) else { return nil }
        let values = parts[1].split(separator: ":", omittingEmptySubsequences: false)
        guard (1...2).contains(values.count) else { return nil }
        var numbers: [UInt64?] = []
        for value in values {
            if value == "-1" {
                numbers.append(nil)
            } else if let number = UInt64(value), number < .max {
                numbers.append(number)
            } else {
                return nil
            }
        }
        guard let soft = numbers.first, let hard = numbers.last, soft ?? .max <= hard ?? .max else { return nil }
        self.init(resource, soft: soft, hard: hard)
    }
}

extension ResourceLimit: CustomStringConvertible {
    /// As `--ulimit` takes it.
    public var description: String {
        func shown(_ value: UInt64?) -> String { value.map(String.init) ?? "-1" }
        return "\(resource.rawValue)=\(shown(soft)):\(shown(hard))"
    }
}
