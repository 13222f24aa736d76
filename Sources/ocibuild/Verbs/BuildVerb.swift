/// `ocibuild build`.
enum BuildVerb {
    static let verb = Verb(
        name: "build", aliases: ["bud"], chapter: .images,
        summary: "Build an image from a Dockerfile",
        details: [
            "PATH is the build context: the folder that COPY and ADD take files from. Files that its .dockerignore names are left out.",
            "The digest of what was built is printed on standard output; progress goes to standard error.",
        ],
        operands: [
            Verb.Operand(
                name: "PATH", count: 0...1,
                help:
                    "The context. Default: the current folder. - reads the definition from standard input, with no context."
            )
        ],
        flags: BuildFlags.all,
        examples: [
            (line: "ocibuild build -t registry.example/app:1 --push .", meaning: "Build and push."),
            (
                line: "ocibuild build --target test -o type=dir,dest=out .",
                meaning: "Build one stage and write its files to a folder."
            ),
            (line: "ocibuild build -q --iidfile id .", meaning: "Print nothing but the digest."),
        ],
        run: run)

    static func run(_ arguments: Arguments, _ console: Console) async throws -> Int32 {
        throw CommandError("build is not connected to the library")
    }
}
