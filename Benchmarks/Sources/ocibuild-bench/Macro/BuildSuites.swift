/// Whole builds of one workload by every builder that is installed, each on its own store, all on one file system made
/// for this workload, through one registry; phase after phase, and within a phase in turn.
final class BuildSuites {
    static let entries = BuildWorkload.all.map { workload in
        SuiteEntry(workload.name, .builds, "\(workload.title), beside every builder that is installed") { session in
            let suite = try BuildSuites(session, workload)
            defer { suite.stop() }
            try suite.run()
        }
    }

    private let session: BenchSession
    private let workload: BuildWorkload
    private let folder: String
    private let registry: RegistryService
    private var peers: [any Peer] = []
    private var context: String { "\(folder)/context" }

    private init(_ session: BenchSession, _ workload: BuildWorkload) throws {
        self.session = session
        self.workload = workload
        folder = try session.workplace.newFileSystem()
        try Command.run(
            "set -e; BASE_TAR='\(try workload.base?.tar() ?? "")'; mkdir -p '\(folder)/packages'; "
                + "cd '\(folder)/packages'; \(workload.packages)")
        registry = try RegistryService(folder: "\(folder)/registry", packages: "\(folder)/packages")
    }

    private func stop() {
        for peer in peers { peer.stop() }
        registry.stop()
    }

    private func run() throws {
        let ocibuild = OCIBuildPeer(binary: session.options.binary)
        for base in workload.bases {
            try ocibuild.publish(
                base.tar(), as: reference(of: base), host: registry.host, store: "\(folder)/publisher")
            try Command.run(
                "mkdir '\(folder)/prime-\(base)'; printf 'FROM \(reference(of: base))\\nRUN true\\n' >'\(folder)/prime-\(base)/Dockerfile'"
            )
        }
        try makeContext()
        start(
            [ocibuild] + (workload.layered == nil ? [] : [OCIBuildPeer(binary: ocibuild.binary, compression: "fast")])
                + [
                    BuildahPeer("buildah"), BuildahPeer("podman"), DockerPeer(), BuildKitPeer(), KanikoPeer(),
                    UnpackPeer(),
                ])
        for phase in workload.phases
        where session.options.phases.isEmpty || session.options.phases.contains(phase.rawValue) {
            let measurements = try measure(phase)
            print(MeasurementTable(measurements).text)
            session.record(measurements)
        }
    }

    private func reference(of base: BaseImage) -> String { "\(registry.host)/base/\(base.rawValue):1" }
    private func tag(_ peer: any Peer) -> String { "\(registry.host)/\(repository(peer)):1" }
    private func repository(_ peer: any Peer) -> String { "\(peer.name)/\(workload.name)" }

    private func makeContext() throws {
        var text = workload.dockerfile.replacing("$PACKAGES", with: registry.packages)
        if let base = workload.base { text = text.replacing("$BASE", with: reference(of: base)) }
        if let base = workload.secondBase { text = text.replacing("$SECOND", with: reference(of: base)) }
        try Command.run(
            """
            set -e; mkdir '\(context)'; cd '\(context)'
            \(workload.context)
            cat >Dockerfile <<'DOCKERFILE'
            \(text)
            DOCKERFILE
            """)
    }

    /// Those that are asked for, installed, and start.
    private func start(_ candidates: [any Peer]) {
        for peer in candidates where session.options.peers.isEmpty || session.options.peers.contains(peer.tool) {
            guard let version = peer.version else {
                session.note("\(peer.name) is not installed and did not take part: \(peer.absence)")
                continue
            }
            do {
                try peer.start(folder: "\(folder)/\(peer.name)", host: registry.host)
                peers.append(peer)
                session.tool(peer.tool, version: version)
            } catch {
                peer.stop()
                session.note("\(peer.name) did not take part: \(error)")
            }
        }
    }

    private func measure(_ phase: BuildPhase) throws -> [Measurement] {
        let budget = max(session.options.budget, workload.budget)
        var samples = [[Sample]](repeating: [], count: peers.count)
        var left = Set(peers.indices)
        try prepare(phase, &left)
        for round in 0..<session.options.rounds where !left.isEmpty {
            if phase == .changed || phase == .remote { try Command.run("cd '\(context)' && \(workload.change)") }
            for index in Suite.order(of: left.sorted(), in: round) {
                let peer = peers[index]
                do {
                    guard let line = try ready(peer, phase, round) else {
                        left.remove(index)
                        continue
                    }
                    let sample = try timed(peer, line)
                    samples[index].append(sample)
                    if samples[index].reduce(0, { $0 + $1.seconds }) > budget { left.remove(index) }
                } catch {
                    left.remove(index)
                    fail(peer, phase, error)
                }
            }
        }
        return peers.indices.filter { !samples[$0].isEmpty }.map { index in
            var measurement = Measurement(
                suite: workload.name, workload: workload.title, phase: workload.layered == nil ? phase.rawValue : nil,
                subject: peers[index].name, samples: samples[index])
            if let file = workload.layered {
                measurement.inputSize = session.workplace.size(of: "\(context)/\(file)")
                measurement.outputSize = peers[index].blobs.flatMap(Self.largestFile)
            }
            return measurement
        }
    }

    private static func largestFile(below folder: String) -> Int64? {
        Command.output("find '\(folder)' -type f -printf '%s\\n' | sort -n | tail -n 1").flatMap { Int64($0) }
    }

    /// What a phase needs once and is not its own.
    private func prepare(_ phase: BuildPhase, _ left: inout Set<Int>) throws {
        for index in left.sorted() {
            let peer = peers[index]
            let line: String?
            switch phase {
            case .remote:
                var request = BuildRequest(context: context, tag: tag(peer), pushes: true)
                request.cacheTo = cache(peer)
                line = peer.build(request)
            case .pull where peer is OCIBuildPeer:
                line = peer.push(tag(peer), to: pulled, context: context)
            case .unchanged, .changed, .push:
                line = peer.build(BuildRequest(context: context, tag: tag(peer)))
            case .cold, .pull:
                line = nil
            }
            do {
                if phase == .remote { try peer.reset(priming: prime) }
                if let line { try run(peer, line) }
            } catch {
                left.remove(index)
                fail(peer, phase, error)
            }
        }
        guard phase == .pull else { return }
        try Command.run(
            "mkdir -p '\(folder)/pull' && printf 'FROM \(pulled)\\nRUN true\\n' >'\(folder)/pull/Dockerfile'")
    }

    private var pulled: String { "\(registry.host)/pulled/\(workload.name):1" }
    private func cache(_ peer: any Peer) -> String { "\(registry.host)/cache/\(repository(peer))" }

    /// Brings a builder to where a phase begins, and says the line that is the phase; nil where it cannot do that.
    private func ready(_ peer: any Peer, _ phase: BuildPhase, _ round: Int) throws -> String? {
        var request = BuildRequest(context: context, tag: tag(peer))
        switch phase {
        case .cold: try peer.reset(priming: prime)
        case .unchanged, .changed: break
        case .push:
            return peer.push(tag(peer), to: "\(registry.host)/push-\(round)/\(repository(peer)):1", context: context)
        case .pull:
            try peer.empty()
            return peer.pull(pulled)
                ?? peer.build(BuildRequest(context: "\(folder)/pull", tag: "\(registry.host)/\(peer.name)/pull:1"))
        case .remote:
            try peer.empty()
            request.pushes = true
            request.cacheFrom = cache(peer)
        }
        return peer.build(request)
    }

    private func prime(_ peer: any Peer) throws {
        for base in workload.bases {
            let request = BuildRequest(
                context: "\(folder)/prime-\(base)", tag: "\(registry.host)/\(peer.name)/prime-\(base):1")
            if let line = peer.build(request) { try run(peer, line) }
        }
    }

    private func log(_ peer: any Peer) -> String { "\(folder)/\(peer.name).log" }

    @discardableResult private func run(_ peer: any Peer, _ line: String) throws -> Sample {
        try Command.run("exec >'\(log(peer))' 2>&1; " + line, limit: 900)
    }

    /// Runs a line, and counts what a daemon did for it, and what went to the registry and came from it.
    private func timed(_ peer: any Peer, _ line: String) throws -> Sample {
        let before = counters(of: peer.daemons)
        for process in before.keys { ProcessCounters.resetPeakMemory(of: process) }
        let traffic = registry.traffic
        var sample = try run(peer, line)
        sample.bytesSent = registry.traffic.sent - traffic.sent
        sample.bytesReceived = registry.traffic.received - traffic.received
        sample.exportSeconds = ProcessCounters.text(log(peer)).flatMap(peer.exportSeconds)
        for (process, after) in counters(of: peer.daemons) {
            let start = before[process]
            sample.processorSeconds += after.processorSeconds - (start?.processorSeconds ?? 0)
            sample.bytesRead? += after.read - (start?.read ?? 0)
            sample.bytesWritten? += after.written - (start?.written ?? 0)
            sample.peakMemory = max(sample.peakMemory ?? 0, ProcessCounters.peakMemory(of: process) ?? 0)
        }
        return sample
    }

    private func counters(of processes: [Int32]) -> [Int32: ProcessCounters] {
        processes.reduce(into: [:]) { $0[$1] = ProcessCounters(of: String($1)) }
    }

    private func fail(_ peer: any Peer, _ phase: BuildPhase, _ error: any Error) {
        let tail = Command.output("tail -n 3 '\(log(peer))'") ?? ""
        session.note("\(workload.title), \(phase.title): \(peer.name) failed: \(tail.isEmpty ? "\(error)" : tail)")
    }
}
