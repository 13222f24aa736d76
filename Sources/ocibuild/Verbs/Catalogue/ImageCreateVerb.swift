import LinuxSystem
import OCIBuild

/// `ocibuild image create`.
enum ImageCreateVerb {
    static let name = Flag.option("name", short: "n", .text("NAME"), "The image's name in the catalogue. Needed.")
    static let description = Flag.option("description", short: "d", .text("TEXT"), "One line about the image.")
    static let readme = Flag.option("readme", .path("FILE"), "A text about the image, in Markdown.")
    static let commits = Flag.toggle(
        "commit", negatable: true,
        "Commit the image once its content is pushed (the default). --no-commit leaves it open for `image commit`; then "
            + "SOURCE may be left out.")
    static let quiet = Flag.toggle("quiet", short: "q", "Print only the image's id.")

    static let verb = Verb(
        name: "image create", chapter: .images,
        summary: "Put an image of this machine into the catalogue",
        details: [
            "The content goes to a repository of its own, whose name is random, and never changes afterwards. Layers that "
                + "came from the same registry, as a base's may, are not sent again."
        ],
        operands: [Verb.Operand(name: "SOURCE", count: 0...1, help: "The image here, by name or digest.")],
        flags: [name, description, readme, commits, quiet] + CatalogueFlags.all,
        examples: [
            (
                line: "ocibuild image create --name wordcount wordcount",
                meaning: "Put wordcount:latest into the catalogue."
            )
        ],
        run: run)

    static func run(_ arguments: Arguments, _ console: Console) async throws -> Int32 {
        let session = try CatalogueSession("image create", arguments, console)
        guard let name = arguments.text(name) else {
            throw session.session.failure("image create needs --name NAME: what it shall be called in the catalogue")
        }
        let description = arguments.text(description) ?? ""
        let readme = try arguments.word(readme).map(text) ?? ""
        let catalogue = session.catalogue
        let lines = PushLines(console: console, isQuiet: arguments.isOn(quiet), catalogue: catalogue)
        guard let source = try arguments.operandTexts(of: "image create").first else {
            guard arguments.toggle(commits) == false else {
                throw session.session.failure("image create needs SOURCE: The image here, by name or digest.")
            }
            let image = try await catalogue.reserve(name, description: description, readme: readme)
            lines.end(image)
            if !arguments.isOn(quiet) {
                console.note(
                    "\(image.name) is open: push its content to \(catalogue.repository(of: image)), then run `ocibuild "
                        + "image commit \(image.name)`; or give it an image of this machine with `image commit \(image.name) "
                        + "SOURCE`.")
            }
            return ExitStatus.success
        }
        // Looked for here first, so that a misspelt name gets a helpful answer.
        _ = try await LocalImages(builder: session.builder, session: session.session).find(source)
        let image = try await catalogue.create(
            name, from: source, description: description, readme: readme, commits: arguments.toggle(commits) ?? true
        ) { lines.show($0, source: source) }
        lines.end(image)
        return ExitStatus.success
    }

    private static func text(of file: Word) throws -> String {
        let path = Path(bytes: file.bytes)
        guard FileSystem.exists(path) else { throw CommandError("there is no readme \"\(file.shown)\"") }
        guard let text = String(validating: try FileSystem.readFile(path, limit: 4 << 20), as: UTF8.self) else {
            throw CommandError("the readme \"\(file.shown)\" is not valid UTF-8")
        }
        return text
    }
}

/// What Beaker, and docker through it, print while an image is pushed.
struct PushLines: Sendable {
    let console: Console
    let isQuiet: Bool
    let catalogue: ImageCatalogue

    /// Prints what happened.
    func show(_ event: ImageCatalogue.Progress, source: String) {
        if case .left(let image) = event {
            console.warn(
                "the name \(image.name) could not be given back: finish the image with `ocibuild image commit \(image.name) "
                    + "\(source)`, or give it up with `ocibuild image delete \(image.name)`")
        }
        guard !isQuiet else { return }
        switch event {
        case .named(let image):
            print("Pushing \(source) as \(image.name) (\(image.id))...")
            print("The push refers to repository [\(catalogue.repository(of: image).name)]")
        case .preparing(let layers): for layer in layers { print("\(layer): Preparing") }
        case .layer(let layer, let isNew): print("\(layer): \(isNew ? "Pushed" : "Layer already exists")")
        case .pushed(let manifest): print("latest: digest: \(manifest.digest) size: \(manifest.size)")
        case .left: break
        }
    }

    /// Prints the end.
    func end(_ image: CatalogueImage) { print(isQuiet ? image.id.text : "Done.") }

    private func print(_ line: String) { console.print(TerminalText.escape(line)) }
}
