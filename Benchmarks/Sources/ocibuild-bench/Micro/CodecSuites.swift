import Codecs

/// The paths that every byte of a layer takes. Compressing, ocibuild takes the digests of input and output as well,
/// which the tools beside it do not.
enum CodecSuites {
    static let entries: [SuiteEntry] = [
        .micro("hash", "SHA-256, beside openssl and sha256sum", hash),
        .micro("compress", "each codec and level, beside gzip, pigz, igzip, libdeflate-gzip, zstd", compress),
        .micro("decompress", "gzip and zstd back, digests checked", decompress),
    ]

    private static func hash(_ session: BenchSession) throws -> Suite {
        let sample = try session.workplace.sample(session.options.size)
        return Suite(
            name: "hash", inputSize: session.workplace.size(of: sample) ?? 0,
            subjects: [Subject(name: "ocibuild sha256") { _ = try FileCompression.digest(sample) }]
                + tools(["openssl dgst -sha256", "sha256sum"], sample, session))
    }

    private static func compress(_ session: BenchSession) throws -> Suite {
        let sample = try session.workplace.sample(session.options.size)
        let threads = session.options.threads
        let ours = try FileCompression.names.filter { $0 != "none" }.flatMap { name in
            // The best is so slow that one way to run it is enough.
            try Set(name == "best" ? [threads] : [1, threads]).sorted().map { threads in
                let size = try FileCompression.compress(sample, as: name, threads: threads).outputSize
                return Subject(
                    name: "ocibuild \(name), threads \(threads)",
                    run: { _ = try FileCompression.compress(sample, as: name, threads: threads) }, outputSize: size)
            }
        }
        let theirs = tools(
            [
                "igzip -1 -c", "libdeflate-gzip -1 -c", "libdeflate-gzip -6 -c", "gzip -6 -c",
                "pigz -6 -p \(threads) -c", "zstd -3 -q -c", "zstd -3 -q -T\(threads) -c",
            ], sample, session, measuringOutput: true)
        return Suite(
            name: "compress", inputSize: session.workplace.size(of: sample) ?? 0, subjects: ours + theirs)
    }

    private static func decompress(_ session: BenchSession) throws -> Suite {
        let (workplace, sample) = (session.workplace, try session.workplace.sample(session.options.size))
        let (gzip, zstd) = ("\(workplace.path)/sample.gz", "\(workplace.path)/sample.zst")
        try Command.run("gzip -6 -c < '\(sample)' > '\(gzip)' && zstd -3 -q -c < '\(sample)' > '\(zstd)'")
        return Suite(
            name: "decompress", inputSize: workplace.size(of: sample) ?? 0,
            subjects: [
                Subject(name: "ocibuild gzip, with digest") { _ = try FileCompression.digestOfContent(gzip) }
            ] + tools(["igzip -d -c", "libdeflate-gzip -d -c", "gzip -d -c", "pigz -d -c"], gzip, session) + [
                Subject(name: "ocibuild zstd, with digest") { _ = try FileCompression.digestOfContent(zstd) }
            ] + tools(["zstd -d -q -c"], zstd, session))
    }

    /// Those of the programs that are installed, over one file.
    private static func tools(
        _ lines: [String], _ input: String, _ session: BenchSession, measuringOutput: Bool = false
    ) -> [Subject] {
        lines.compactMap { line in
            let program = String(line.prefix { $0 != " " })
            guard Command.exists(program) else {
                session.note("\(program) is not installed, and did not take part")
                return nil
            }
            var subject = Subject(name: line, command: "\(line) < '\(input)' > /dev/null")
            if measuringOutput, let size = Command.output("\(line) < '\(input)' | wc -c") {
                subject.outputSize = Int64(size)
            }
            return subject
        }
    }
}
