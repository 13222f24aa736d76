/// Subjects that do the same work on the same data.
struct Suite {
    typealias Subject = ocibuild_bench.Subject

    let name: String
    /// What is worked on, in words.
    var workload = "programs and libraries"
    /// Bytes of data that each subject works through; 0 where that is not the point.
    let inputSize: Int64
    /// The number of things that each works through, where that is the point.
    var items: Int64?
    let subjects: [Subject]

    /// Every other round goes backwards, so that nobody always comes after the same one.
    static func order(of indices: some BidirectionalCollection<Int>, in round: Int) -> [Int] {
        round % 2 == 0 ? Array(indices) : indices.reversed()
    }

    /// Measures all subjects in turn, `rounds` times, so that what disturbs the machine disturbs all of them.
    /// Each does the work once before it counts, and gets no further round once it has used `budget` seconds. A subject
    /// that fails is left out, and `failed` is told.
    func measured(rounds: Int, budget: Double = .infinity, failed: (String) -> Void = { _ in }) -> [Measurement] {
        var samples = [[Sample]](repeating: [], count: subjects.count)
        var spent = [Double](repeating: 0, count: subjects.count)
        var dropped: Set<Int> = []
        for round in 0...rounds {
            for index in Self.order(of: subjects.indices, in: round) where !dropped.contains(index) {
                guard samples[index].isEmpty || spent[index] < budget else { continue }
                let subject = subjects[index]
                do {
                    let sample = try subject.sample()
                    spent[index] += sample.seconds
                    if round > 0 { samples[index].append(sample) }
                } catch {
                    dropped.insert(index)
                    failed("\(name): \(subject.name): \(error)")
                }
            }
        }
        return subjects.indices.filter { !dropped.contains($0) }.map { index in
            var measurement = Measurement(
                suite: name, workload: workload, subject: subjects[index].name, samples: samples[index])
            measurement.inputSize = inputSize > 0 ? inputSize : nil
            measurement.items = items
            measurement.outputSize = subjects[index].outputSize
            return measurement
        }
    }
}
