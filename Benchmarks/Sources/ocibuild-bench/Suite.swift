import Glibc

/// Subjects that do the same work on the same data.
struct Suite {
    /// One way to do it.
    struct Subject {
        let name: String
        /// Does the work once.
        let run: () throws -> Void
        /// Bytes that it makes; nil where that is not the point.
        var outputSize: Int64?
    }

    let name: String
    /// Bytes of data that each subject works through.
    let inputSize: Int64
    let subjects: [Subject]

    /// Measures all subjects in turn, `rounds` times, so that what disturbs the machine disturbs all of them.
    func measured(rounds: Int) throws -> SuiteReport {
        var samples = [[Sample]](repeating: [], count: subjects.count)
        for subject in subjects { try subject.run() }
        for _ in 0..<rounds {
            for (index, subject) in subjects.enumerated() { samples[index].append(try Sample.taking(subject.run)) }
        }
        let rows = zip(subjects, samples).map { subject, samples in
            SuiteReport.Row(
                subject: subject.name, seconds: median(samples.map(\.seconds)),
                fastest: samples.map(\.seconds).min() ?? 0, processorSeconds: median(samples.map(\.processorSeconds)),
                outputSize: subject.outputSize)
        }
        return SuiteReport(suite: name, inputSize: inputSize, rounds: rounds, rows: rows)
    }

    private func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        return sorted.isEmpty ? 0 : (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }
}

/// The cost of doing something once.
struct Sample {
    let seconds: Double
    /// User and system time, that of programs it ran included.
    let processorSeconds: Double

    static func taking(_ body: () throws -> Void) rethrows -> Sample {
        let before = processorTime()
        let duration = try ContinuousClock().measure(body)
        return Sample(seconds: duration / .seconds(1), processorSeconds: processorTime() - before)
    }

    private static func processorTime() -> Double {
        [RUSAGE_SELF, RUSAGE_CHILDREN].reduce(0) { sum, who in
            var usage = rusage()
            getrusage(CInt(who.rawValue), &usage)
            return [usage.ru_utime, usage.ru_stime].reduce(sum) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6 }
        }
    }
}
