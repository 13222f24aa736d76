import Codecs

/// The paths that every byte of a layer takes. Compressing, ocibuild takes the digests of input and output as well,
/// which the tools beside it do not.
enum CodecSuites {
    static func hash(_ workplace: Workplace, _ options: Options) throws -> Suite {
        let sample = try workplace.sample(options.size)
        return Suite(
            name: "hash", inputSize: try workplace.size(of: sample) ?? 0,
            subjects: [
                .init(name: "ocibuild sha256") { _ = try FileCompression.digest(sample) },
                tool("openssl dgst -sha256", sample, workplace), tool("sha256sum", sample, workplace),
            ])
    }

    static func compress(_ workplace: Workplace, _ options: Options) throws -> Suite {
        let sample = try workplace.sample(options.size)
        let threads = options.threads
        let ours = try ["fast", "default", "zlib", "zstd"].flatMap { name in
            try Set([1, threads]).sorted().map { threads in
                let size = try FileCompression.compress(sample, as: name, threads: threads).outputSize
                return Suite.Subject(
                    name: "ocibuild \(name), threads \(threads)",
                    run: { _ = try FileCompression.compress(sample, as: name, threads: threads) }, outputSize: size)
            }
        }
        let theirs = try [
            "igzip -1 -c", "gzip -6 -c", "pigz -6 -p \(threads) -c", "zstd -3 -q -c", "zstd -3 -q -T\(threads) -c",
        ].map { line in
            let output = "\(workplace.path)/output"
            try workplace.run("\(line) < '\(sample)' > '\(output)'")
            var subject = tool(line, sample, workplace)
            subject.outputSize = try workplace.size(of: output)
            return subject
        }
        return Suite(name: "compress", inputSize: try workplace.size(of: sample) ?? 0, subjects: ours + theirs)
    }

    static func decompress(_ workplace: Workplace, _ options: Options) throws -> Suite {
        let sample = try workplace.sample(options.size)
        let (gzip, zstd) = ("\(workplace.path)/sample.gz", "\(workplace.path)/sample.zst")
        try workplace.run("gzip -6 -c < '\(sample)' > '\(gzip)' && zstd -3 -q -c < '\(sample)' > '\(zstd)'")
        return Suite(
            name: "decompress", inputSize: try workplace.size(of: sample) ?? 0,
            subjects: [
                .init(name: "ocibuild gzip, with digest") { _ = try FileCompression.digestOfContent(gzip) },
                tool("igzip -d -c", gzip, workplace), tool("gzip -d -c", gzip, workplace),
                tool("pigz -d -c", gzip, workplace),
                .init(name: "ocibuild zstd, with digest") { _ = try FileCompression.digestOfContent(zstd) },
                tool("zstd -d -q -c", zstd, workplace),
            ])
    }

    private static func tool(_ line: String, _ input: String, _ workplace: Workplace) -> Suite.Subject {
        .init(name: line) { try workplace.run("\(line) < '\(input)' > /dev/null") }
    }
}
