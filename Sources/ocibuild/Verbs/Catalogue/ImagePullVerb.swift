import OCIBuild
import OCISpec

/// `ocibuild image pull`.
enum ImagePullVerb {
    static let verb = Verb(
        name: "image pull", chapter: .images,
        summary: "Fetch an image of the catalogue",
        details: [
            "It gets the name of its repository here, which overwrites nothing, or TAG. An IMAGE that is a full name, with a "
                + "host, a tag or a digest, is fetched from its registry, as by `pull`; so is any where no catalogue is "
                + "configured."
        ],
        operands: [
            Verb.Operand(
                name: "IMAGE", count: 1...1, help: "The image, as NAME, ID, WORKSPACE/NAME or USER/NAME."),
            Verb.Operand(name: "TAG", count: 0...1, help: "What to call it here, as NAME[:TAG]."),
        ],
        flags: [CommonFlags.platform, CommonFlags.json] + CatalogueFlags.all + ProgressFlags.all,
        examples: [
            (line: "ocibuild image pull examples/wordcount wc", meaning: "Fetch wordcount, and call it wc here.")
        ],
        run: run)

    static func run(_ arguments: Arguments, _ console: Console) async throws -> Int32 {
        let words = try arguments.operandTexts(of: "image pull")
        let program = ProgramName.current
        guard program != .docker, program == .beaker || !isFullName(words[0]) else {
            return try await PullVerb.run(arguments, console)
        }
        let session: CatalogueSession
        do {
            session = try CatalogueSession("image pull", arguments, console)
        } catch let error as CatalogueError where error.code == .notConfigured && error.subject.isEmpty {
            guard program != .beaker, words.count == 1 else { throw error }
            return try await ImageInspectVerb.withoutCatalogue(error) { try await PullVerb.run(arguments, console) }
        }
        let name = try words.count > 1 ? session.session.reference(words[1]).withDefaultTag() : nil
        if let name, name.digest != nil {
            throw session.session.failure("\(words[1]): a digest cannot be given as a name")
        }
        let platform = try session.session.platform(CommonFlags.platform)
        let image = try await session.find(words[0])
        let place = session.catalogue.repository(of: image)
        let says = !arguments.isOn(ProgressFlags.quiet) && !arguments.isOn(CommonFlags.json)
        if says {
            console.print("Pulling \(place.name) ...")
            console.print("latest: Pulling from \(place.repository)")
        }
        let pulled = try await session.watching { report in
            try await session.catalogue.pull(image, as: name, platform: platform, report: report)
        }
        if says {
            console.print("Digest: \(image.content?.digest ?? pulled.manifest.digest)")
            console.print(
                pulled.isNew
                    ? "Status: Downloaded newer image for \(place)" : "Status: Image is up to date for \(place)")
            if name != nil { console.print("Renaming \(place.name) to \(words[1]) ...") }
            console.print("Done.")
        } else if arguments.isOn(CommonFlags.json) {
            try console.print(json: [MovedImage(name: pulled.name.description, digest: pulled.manifest.digest)])
        } else {
            console.print(pulled.name.familiar)
        }
        return ExitStatus.success
    }

    /// Whether `text` is a name that the catalogue cannot have: with a host, a tag or a digest.
    static func isFullName(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        if parts.count > 2 || text.contains("@") || parts.last?.contains(":") == true { return true }
        return parts.count == 2 && (parts[0].contains(":") || parts[0].contains(".") || parts[0] == "localhost")
    }
}
