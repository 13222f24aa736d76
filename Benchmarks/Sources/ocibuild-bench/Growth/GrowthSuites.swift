/// How the costs of builds grow with the amount of files, layers, bytes and steps: what is new must cost, what is there
/// already should not.
struct GrowthSuites {
    static let entries = [
        SuiteEntry("growth-files", .growth, "1 to 100,000 files in the context") { try GrowthSuites($0).files() },
        SuiteEntry("growth-layers", .growth, "1 to 300 layers below") { try GrowthSuites($0).layers() },
        SuiteEntry("growth-bytes", .growth, "1 to 10 GiB in one file") { try GrowthSuites($0).bytes() },
        SuiteEntry("growth-steps", .growth, "1 to 500 RUN steps") { try GrowthSuites($0).steps() },
    ]

    private let session: BenchSession
    private let folder: String
    private let builder: OCIBuildPeer

    private init(_ session: BenchSession) throws {
        self.session = session
        folder = try session.workplace.newFileSystem()
        builder = OCIBuildPeer(binary: session.options.binary)
        try builder.start(folder: "\(folder)/ocibuild", host: "127.0.0.1:1")
    }

    private func files() throws {
        var curve = Curve(
            title: "Files in the context", unit: "files",
            lines: [.init(name: "cold"), .init(name: "unchanged"), .init(name: "another file changed")])
        for amount in [1, 10, 100, 1_000, 10_000, 100_000] {
            let context = try context(
                SampleTree.making(amount, in: "tree") + "; echo a >a", "FROM scratch\nCOPY tree /tree/\nCOPY a /a\n")
            try measure(
                &curve, Int64(amount),
                [(true, ":"), (false, ":"), (false, "date +%s%N >a")].map { ($0, $1, context) })
        }
    }

    private func layers() throws {
        var curve = Curve(
            title: "Layers below a step", unit: "layers",
            lines: [.init(name: "unchanged"), .init(name: "COPY changed"), .init(name: "RUN after it")])
        for amount in [1, 3, 10, 30, 100, 300] {
            try builder.empty()
            try importBase()
            let below = (1..<amount).map { "COPY f /f\($0)\n" }.joined()
            let base = try context("echo a >f", "FROM tiny\n" + below)
            try Command.run(line(base, tag: "below"))
            let copy = try context("echo a >a", "FROM below\nCOPY a /a\n")
            let run = try context("echo a >a", "FROM below\nCOPY a /a\nRUN :\n")
            try measure(
                &curve, Int64(amount),
                [(false, ":", copy), (false, "date +%s%N >a", copy), (false, "date +%s%N >a", run)])
        }
    }

    private func bytes() throws {
        var curve = Curve(
            title: "One file: half of it a hole, a quarter noise, a quarter programs", unit: "GiB",
            lines: [.init(name: "cold"), .init(name: "unchanged"), .init(name: "another file changed")])
        try Command.run(
            """
            cd '\(folder)'; head -c 268435456 /dev/urandom >noise
            tar -C / -cf - usr 2>/dev/null | head -c 268435456 >programs
            """)
        for amount in [1, 2, 5, 10] {
            let pieces = (0..<amount).map { piece in
                "for s in noise programs; do dd if='\(folder)'/$s of=big bs=64M conv=notrunc status=none "
                    + "seek=$((\(piece) * 16 + n % 2 * 4)); n=$((n + 1)); done"
            }
            let context = try context(
                "n=0; truncate -s \(amount)G big; " + pieces.joined(separator: "; ") + "; echo a >a",
                "FROM scratch\nCOPY big /big\nCOPY a /a\n")
            try measure(
                &curve, Int64(amount),
                [(true, ":"), (false, ":"), (false, "date +%s%N >a")].map { ($0, $1, context) }, rounds: 1)
            try Command.run("rm -rf '\(context)' '\(folder)/ocibuild/discarded'")
        }
    }

    private func steps() throws {
        var curve = Curve(
            title: "RUN steps", unit: "steps",
            lines: [.init(name: "cold"), .init(name: "unchanged"), .init(name: "last one changed")])
        for amount in [1, 5, 20, 100, 500] {
            let runs = (1..<amount).map { "RUN echo \($0) >/f\($0)\n" }.joined()
            let context = try context("echo a >a", "FROM tiny\n" + runs + "COPY a /a\n")
            try measure(
                &curve, Int64(amount),
                [(true, ":"), (false, ":"), (false, "date +%s%N >a")].map { ($0, $1, context) },
                rounds: amount > 100 ? 1 : nil, base: true)
        }
    }

    /// Adds a point to each line: whether it begins with nothing, what changes before it, and the context.
    private func measure(
        _ curve: inout Curve, _ amount: Int64, _ parts: [(isCold: Bool, change: String, context: String)],
        rounds: Int? = nil, base: Bool = false
    ) throws {
        for (index, part) in parts.enumerated() {
            if !part.isCold { try Command.run(line(part.context, tag: "growth")) }
            var samples: [Sample] = []
            var spent = 0.0
            while samples.count < rounds ?? session.options.rounds, samples.isEmpty || spent < 5 {
                if part.isCold {
                    try builder.empty()
                    if base { try importBase() }
                }
                try Command.run("cd '\(part.context)' && \(part.change)")
                let sample = try Command.run(line(part.context, tag: "growth"))
                samples.append(sample)
                spent += sample.seconds
            }
            curve.lines[index].points.append(
                .init(
                    amount: amount, seconds: Spread(samples.map(\.seconds)),
                    processorSeconds: Spread(samples.map(\.processorSeconds)),
                    peakMemory: samples.compactMap(\.peakMemory).max()))
        }
        let points = curve.lines.compactMap { line in
            line.points.last.map { "\(line.name) \($0.seconds.median.significant) s" }
        }
        print("\(curve.title), \(amount) \(curve.unit): " + points.joined(separator: ", "))
        session.record(curve)
    }

    private func line(_ context: String, tag: String) -> String {
        let build = builder.build(BuildRequest(context: context, tag: tag)) ?? "false"
        return "exec >'\(folder)/log' 2>&1; \(build)"
    }

    private func importBase() throws {
        let store = "\(folder)/ocibuild/store"
        try Command.run(
            "'\(builder.binary)' --root '\(store)' import -c 'ENV PATH=/bin' '\(try BaseImage.tiny.tar())' tiny >/dev/null 2>&1"
        )
    }

    private func context(_ making: String, _ dockerfile: String) throws -> String {
        let place = "\(folder)/context"
        try Command.run(
            """
            set -e; n=0; while [ -e '\(place)'$n ]; do n=$((n + 1)); done; mkdir '\(place)'$n; cd '\(place)'$n
            echo '\(place)'$n >'\(folder)/place'
            cat >Dockerfile <<'DOCKERFILE'
            \(dockerfile)
            DOCKERFILE
            \(making)
            """)
        return Command.output("cat '\(folder)/place'") ?? place
    }
}
