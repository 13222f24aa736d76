import LinuxSystem
import TestSupport
import Testing

/// `beaker-images.md`, the documentation that Beaker's users know: each of its fenced blocks is run as it stands, through
/// links named `docker` and `beaker` against a real registry.
@Suite("Beaker's documentation, block by block")
struct BeakerDocumentTests {
    /// What the document cannot know, and what stands for it here.
    private struct Stand {
        let folder: String
        let id: String
        let registry: String
    }

    @Test("The walk-through passes as written", .documents)
    func walkThrough() async throws {
        let blocks = Self.blocks(
            of: String(decoding: try ConformanceData.bytes("../seeds/beaker-images.md"), as: UTF8.self))
        #expect(blocks.count == 6, "each block is run below; none is skipped")
        let registry = try RegistryProcess()
        let bench = try CatalogueBench(registry)
        try await bench.makeWordcount()
        var stand = Stand(folder: "$WORK/wordcount", id: "", registry: registry.host)

        // 1: docker build -t wordcount <path/to/wordcount/directory>
        try await bench.succeed(Self.commands(in: blocks[0], stand))

        // 2: beaker image create --name wordcount wordcount
        let create = Self.shown(blocks[1], stand)
        #expect(create.command == "beaker image create --name wordcount wordcount")
        let created = try await bench.succeed(
            create.command + " --description 'A simple example to count words in text.'")
        #expect(Self.steady(created) == Self.steady(create.output))
        stand = Stand(
            folder: stand.folder, id: try await bench.succeed("beaker image list -q").replacing("\n", with: ""),
            registry: stand.registry)

        // 3: beaker image inspect by name, and by id
        let inspect = Self.commands(in: blocks[2], stand).split(separator: "\n").map(String.init)
        #expect(inspect.count == 2 && inspect[1].hasSuffix("bp_" + stand.id.dropFirst(3)))
        let byName = try await bench.succeed(inspect[0])
        #expect(try await bench.succeed(inspect[1]) == byName)

        // 4: its output
        let inspected = Self.shown(blocks[3], stand)
        #expect(try await bench.succeed(inspected.command) == byName)
        #expect(Self.steady(byName) == Self.steady(inspected.output))

        // "Like any object, an image can be renamed, but its ID is guaranteed to remain stable."
        try await bench.succeed("beaker image rename wordcount counter")
        let renamed = try await bench.succeed("beaker image inspect \(stand.id)")
        #expect(renamed == byName.replacing("\"name\": \"wordcount\"", with: "\"name\": \"counter\""))
        try await bench.succeed("beaker image rename counter wordcount")

        // 5 and 6: beaker image pull, on a machine that has nothing
        let other = try CatalogueBench(registry)
        let pull = Self.shown(blocks[4], stand)
        let pulled = try await other.succeed(pull.command)
        #expect(Self.steady(pulled) == Self.steady(pull.output))
        let friendly = Self.shown(blocks[5], stand)
        #expect(friendly.command == "beaker image pull examples/wordcount friendly-name")
        #expect(try await other.succeed(friendly.command).hasSuffix("\nDone.\n"))

        // The image works: it counts.
        let run = try await other.run(
            "printf 'FROM friendly-name\\nRUN wordcount\\n' | docker build --progress plain -")
        #expect(run.status == 0 && run.error.contains(" 12\n"), "\(run)")

        // "To remove Docker images from your system, use `docker image rm` on any of the images created above."
        for line in try await other.succeed("docker image ls").split(separator: "\n").dropFirst() {
            try await other.succeed("docker image rm \(line.prefix { $0 != " " })")
        }
        #expect(try await other.succeed("docker image ls -q").isEmpty)
        try await bench.succeed("docker image rm wordcount")
        #expect(try await bench.succeed("beaker image inspect examples/wordcount") == byName, "the catalogue keeps it")
    }

    /// The text between the fences, in order.
    private static func blocks(of document: String) -> [String] {
        var blocks: [String] = []
        var open: [Substring]?
        for line in document.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") {
                if let lines = open { blocks.append(lines.joined(separator: "\n")) }
                open = open == nil ? [] : nil
            } else {
                open?.append(line)
            }
        }
        return blocks
    }

    /// The commands of a block with what the document cannot know: where the example lies, and the id.
    private static func commands(in block: String, _ stand: Stand) -> String {
        block.replacing("<path/to/wordcount/directory>", with: stand.folder)
            .replacing("bp_qbjvcda1sed7", with: "bp_\(stand.id.dropFirst(3))")
    }

    /// The command after the prompt, and what the document shows it to print.
    private static func shown(_ block: String, _ stand: Stand) -> (command: String, output: String) {
        let lines = block.split(separator: "\n", maxSplits: 1).map(String.init)
        let output = (lines.count > 1 ? lines[1] + "\n" : "")
            .replacing("gcr.io/ai2-beaker-core/public", with: "\(stand.registry)/ai2-beaker-core/examples")
            .replacing("ai2-beaker-core/public", with: "ai2-beaker-core/examples")
        return (String(lines[0].drop { $0 == "▶" || $0 == " " }), output)
    }

    /// Output with what is random or depends on the image's bytes named by its kind. Layers are counted, and said to be
    /// there in the order in which they arrive.
    private static func steady(_ output: String) -> [String] {
        let text = output.replacing(/sha256:[0-9a-f]{64}/, with: "sha256:DIGEST")
            .replacing(/(im|bp)_[0-9a-z]{12}\b/, with: "ID").replacing(/us_[0-9a-z]{12}\b/, with: "USER")
            .replacing(/size: [0-9]+/, with: "size: SIZE").replacing(/examples\/[0-9a-z]{20}/, with: "examples/RANDOM")
            .replacing(/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z/, with: "TIME")
            .replacing(/127\.0\.0\.1:[0-9]+/, with: "REGISTRY")
            .replacing(#/\b[0-9a-f]{12}: /#, with: "LAYER: ")
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let arrivals = lines.indices.filter { lines[$0].hasPrefix("LAYER: ") && !lines[$0].hasSuffix("Preparing") }
        var steady = lines
        for (index, line) in zip(arrivals, arrivals.map { lines[$0] }.sorted()) { steady[index] = line }
        return steady
    }
}
