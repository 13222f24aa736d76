import Dockerfile
import OCISpec

/// Text that is read at the start of every build.
enum ParsingSuites {
    static let entries: [SuiteEntry] = [
        .micro("references", "parsing names of images", references),
        .micro("dockerfiles", "parsing and lowering Dockerfiles, by instruction", dockerfiles),
    ]

    /// Names as people write them.
    static let names = [
        "debian", "python:3.12-slim", "registry.example:5000/team/app:1.2.3",
        "ghcr.io/owner/name@sha256:"
            + String(repeating: "0123456789abcdef", count: 4),
    ]

    /// A Dockerfile of `count` instructions.
    static func dockerfile(_ count: Int) -> String {
        var text = "FROM scratch\nARG VERSION=1\n"
        for index in 0..<max(0, count - 2) {
            switch index % 4 {
            case 0: text += "RUN apt-get update \\\n    && apt-get install -y package\(index)=${VERSION}\n"
            case 1: text += "ENV NAME\(index)=\"value of ${VERSION}\"\n"
            case 2: text += "COPY --chown=1:1 file\(index) /srv/${VERSION}/\n"
            default: text += "LABEL org.example.l\(index)=x\n"
            }
        }
        return text
    }

    static func lower(_ text: String) throws {
        _ = try ParsedDockerfile(parsing: DockerfileSource(text: text)).lower(options: LoweringOptions(), bases: [:])
    }

    private static func references(_ session: BenchSession) -> Suite {
        Suite(
            name: "references", workload: "names of images", inputSize: 0, items: 20_000,
            subjects: [
                Subject(name: "ocibuild Reference(parsing:)") {
                    for _ in 0..<5_000 { for name in names { _ = try Reference(parsing: name) } }
                }
            ])
    }

    private static func dockerfiles(_ session: BenchSession) -> Suite {
        let (short, long) = (dockerfile(20), dockerfile(1_000))
        return Suite(
            name: "dockerfiles", workload: "instructions", inputSize: 0, items: 1_000,
            subjects: [
                Subject(name: "50 files of 20") { for _ in 0..<50 { try lower(short) } },
                Subject(name: "one of 1,000") { try lower(long) },
            ])
    }
}
