import LinuxSystem
import Testing

/// A machine on which the documents' examples can be built: their bases are busybox systems with tools that say what
/// they were called with, and the folder has the files that the examples add.
struct ExampleBench {
    /// What became of one image of a block.
    struct Result {
        let outcome: CommandBench.Outcome
        /// The bench's folder.
        let folder: Path

        /// What the tools were called with, in order.
        var calls: [String] {
            outcome.error.split(separator: "\n").filter { $0.hasPrefix("#") }.compactMap { line in
                line.firstRange(of: " » ").map { String(line[$0.upperBound...]) }
            }
        }

        /// What ocibuild warned of; a command that is shown may have several lines.
        var warnings: [String] {
            var warnings: [[Substring]] = []
            var isOpen = false
            for line in outcome.error.split(separator: "\n") {
                isOpen = line.hasPrefix("warning: ") || isOpen && !line.hasPrefix("#") && !line.hasPrefix("ocibuild: ")
                if line.hasPrefix("warning: ") { warnings.append([]) }
                if isOpen { warnings[warnings.count - 1].append(line) }
            }
            return warnings.map { $0.joined(separator: "\n") }
        }

        /// What it said in the end, where it failed.
        var complaint: String? {
            guard outcome.status != 0 else { return nil }
            let text = outcome.error
            let start = text.ranges(of: "ocibuild: error: ").last?.upperBound ?? text.startIndex
            return text[start...].split(separator: "\n").joined(separator: "\n")
        }
    }

    let bench: CommandBench
    /// `Fixtures/examples`.
    static let fixtures = (Path(#filePath).parent?.parent?.parent?.parent ?? ".") / "Fixtures/examples"

    init() async throws {
        bench = try CommandBench()
        let files = try await bench.script(
            """
            set -eu
            mkdir -p $WORK/context && cd $WORK/context
            mkdir src config models
            touch requirements.txt requirements-minimal.txt setup.py config.yaml config.json entrypoint.sh
            touch src/main.py src/setup.py config/settings.yaml models/model.bin
            mkdir -p $WORK/base && cd $WORK/base
            mkdir -p bin etc dev proc sys root usr/local/bin var/lib/apt/lists var/cache/apk
            mkdir -m 1777 tmp var/tmp
            cp "$(command -v busybox)" bin/busybox
            for name in $(bin/busybox --list); do [ -e bin/$name ] || ln -s busybox bin/$name; done
            # Not busybox's shell, which prefers its own tools to those on the PATH.
            cp -L --remove-destination /bin/dash bin/sh
            for file in $(ldd /bin/dash | grep -o '/[^ ]*'); do mkdir -p ".${file%/*}" && cp -L "$file" ".$file"; done
            for name in apt apt-get apk pip pip3 conda wget useradd python python3 python3.9 python3.10 python3.11; do
                cp \(Self.fixtures)/tool usr/local/bin/$name
            done
            printf 'root:x:0:0:root:/root:/bin/sh\\nnobody:x:65534:65534::/:/bin/sh\\n' >etc/passwd
            printf 'root:x:0:\\nnogroup:x:65534:\\n' >etc/group
            tar --numeric-owner -cf ../base.tar .
            """)
        guard files.status == 0 else {
            throw CommandBench.Unusable(description: "no stand-in base (install busybox-static): \(files)")
        }
        try await bench.succeed("import", "\(bench.folder.path)/base.tar", "localhost/stand-in:1")
    }

    /// Runs a block's Python as far as images go, and lists them.
    func list(_ block: SeedBlock) async throws -> [String] {
        let place = bench.folder.path / "block"
        try FileSystem.writeFile(place, Array(block.text.utf8))
        let package = (Self.fixtures.parent?.parent ?? ".") / "Sources/CChutes"
        let outcome = try await bench.script(
            "PYTHONPATH=\(package):\(Self.fixtures)/modules PYTHONDONTWRITEBYTECODE=1 EXAMPLE_BLOCK=\(place) "
                + "EXAMPLE_MODE=\(block.mode) python3 \(Self.fixtures)/run_block.py")
        guard outcome.status == 0 else {
            throw CommandBench.Unusable(description: "\(block.title) cannot be run: \(outcome.error)")
        }
        return outcome.output.split(separator: "\n").map(String.init)
    }

    /// Builds one of the images that ``list(_:)`` found in a block.
    func build(_ name: String, of block: SeedBlock) async throws -> Result {
        let settings =
            "PYTHONPATH=\(Self.fixtures)/modules EXAMPLE_BLOCK=$WORK/block EXAMPLE_MODE=\(block.mode)"
        return try await run(
            "\(settings) \"$OCIBUILD\" build --no-cache --progress plain --base-map '*=localhost/stand-in:1' "
                + "\(Self.fixtures)/run_block.py:\(name)")
    }

    private func run(_ command: String) async throws -> Result {
        Result(outcome: try await bench.script("cd $WORK/context && \(command)"), folder: bench.folder.path)
    }

    /// What the configuration of a built image says, a line for each thing that the base does not.
    func configuration(of name: String) async throws -> [String] {
        let outcome = try await bench.script(
            """
            "$OCIBUILD" inspect --json \(name) | python3 -c '
            import json, sys
            config = json.load(sys.stdin)[0]["config"]
            for key in sorted(config):
                value = config[key]
                for item in value if isinstance(value, list) and key == "Env" else [value]:
                    if value and item != "/" and not str(item).startswith("PATH=/usr/local/sbin"):
                        print(key, json.dumps(item, sort_keys=True) if key != "Env" else item)
            '
            """)
        guard outcome.status == 0 else { throw CommandBench.Unusable(description: "\(outcome)") }
        return outcome.output.split(separator: "\n").map(String.init)
    }

    /// Runs a command line of `chutes` in the folder of a chute file.
    func chutes(_ command: String) async throws -> Result {
        let image = try SeedBlock.all(of: "chutes-images").first { $0.heading == "Basic Custom Image" }
        let chute = """
            from chutes.chute import Chute

            chute = Chute(username="myuser", name="my-chute", image=image)

            """
        // The command lines of the document say nothing of other bases.
        try await bench.succeed("tag", "localhost/stand-in:1", "nvidia/cuda:12.2-devel-ubuntu22.04")
        try FileSystem.writeFile(
            bench.folder.path / "context/my_chute.py", Array(((image?.text ?? "") + chute).utf8))
        return try await run(
            "ln -sf \"$OCIBUILD\" $WORK/chutes && PATH=$WORK:$PATH OCIBUILD_PROGRESS=plain \(command)")
    }
}
