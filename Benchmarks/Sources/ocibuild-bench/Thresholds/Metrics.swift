import Codecs

/// All that has a threshold.
enum Metrics {
    static let all: [Metric] = sizes + processorTimes + instructions + systemCalls

    /// Bytes against bytes of the tool that everybody knows, from the same data.
    private static let sizes = [
        Metric(name: "size, default", unit: "of gzip -6's", margin: 1.005, promise: 1) { session in
            try size(session, "default", beside: "gzip -6 -c")
        },
        Metric(name: "size, fast", unit: "of igzip -1's", margin: 1.01) { session in
            try size(session, "fast", beside: "igzip -1 -c")
        },
        Metric(name: "size, zstd", unit: "of zstd -3's", margin: 1.01) { session in
            try size(session, "zstd", beside: "zstd -3 -q -c")
        },
    ]

    /// User and system time against a tool's, in turn, the best of several.
    private static let processorTimes = [
        Metric(name: "CPU time, hash", unit: "of openssl's", margin: 1.4) { session in
            try time(session, "openssl dgst -sha256") { _ = try FileCompression.digest($0) }
        },
        Metric(name: "CPU time, default", unit: "of gzip -6's", margin: 1.4) { session in
            try time(session, "gzip -6 -c") { _ = try FileCompression.compress($0, as: "default", threads: 1) }
        },
        Metric(name: "CPU time, fast", unit: "of gzip -6's", margin: 1.4) { session in
            try time(session, "gzip -6 -c") { _ = try FileCompression.compress($0, as: "fast", threads: 1) }
        },
        Metric(name: "CPU time, gunzip", unit: "of gzip -d's", margin: 1.4) { session in
            let sample = try session.workplace.sample(sampleSize)
            try Command.run("[ -e '\(sample).gz' ] || gzip -6 -k '\(sample)'")
            return try time(session, "gzip -d -c", on: sample + ".gz") { _ = try FileCompression.digestOfContent($0) }
        },
    ]

    private static let instructions = Probe.all.map { probe in
        Metric(name: probe.name, unit: "instructions each", margin: 1.1) { session in
            try InstructionCounter(session).count(of: probe)
        }
    }

    private static let systemCalls = [
        Metric(name: "unchanged build, over `version`", unit: "system calls", margin: 1.15) { session in
            try SystemCallCounter(session).unchanged(files: 10, steps: 1)
        },
        Metric(name: "unchanged build, a further file", unit: "system calls", margin: 1.05) { session in
            let counter = try SystemCallCounter(session)
            return try (counter.unchanged(files: 410, steps: 1) - counter.unchanged(files: 10, steps: 1)) / 400
        },
        Metric(name: "unchanged build, a further step", unit: "system calls", margin: 1.05) { session in
            let counter = try SystemCallCounter(session)
            return try (counter.unchanged(files: 10, steps: 41) - counter.unchanged(files: 10, steps: 1)) / 40
        },
    ]

    /// MiB.
    private static let sampleSize = 24

    private static func size(_ session: BenchSession, _ codec: String, beside line: String) throws -> Double {
        let sample = try session.workplace.sample(sampleSize)
        let ours = try FileCompression.compress(sample, as: codec, threads: 1).outputSize
        guard let theirs = Command.output("\(line) <'\(sample)' | wc -c").flatMap({ Double($0) }) else {
            throw BenchError("failed, is the tool installed? \(line)")
        }
        return Double(ours) / theirs
    }

    private static func time(
        _ session: BenchSession, _ line: String, on file: String? = nil, _ body: (String) throws -> Void
    ) throws -> Double {
        let file = try file ?? session.workplace.sample(sampleSize)
        var (ours, theirs) = (Double.infinity, Double.infinity)
        for _ in 0..<3 {
            ours = min(ours, try Sample.taking { try body(file) }.processorSeconds)
            theirs = min(theirs, try Command.run("\(line) <'\(file)' >/dev/null").processorSeconds)
        }
        return ours / theirs
    }
}
