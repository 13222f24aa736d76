import OCIBuild
import OCISpec

/// `ocibuild pull`.
enum PullVerb {
    static let verb = Verb(
        name: "pull", chapter: .registries,
        summary: "Fetch images from their registries",
        operands: [
            Verb.Operand(
                name: "NAME", count: 1...Int.max, help: "The image, as registry/repository:tag or with @digest.")
        ],
        flags: [CommonFlags.platform, CommonFlags.json] + RegistryFlags.all + ProgressFlags.all,
        run: run)

    static func run(_ arguments: Arguments, _ console: Console) async throws -> Int32 {
        let session = Session("pull", arguments, console)
        var references: [Reference] = []
        for name in try arguments.operandTexts(of: "pull") {
            references.append(try session.reference(name).withDefaultTag())
        }
        let platform = try session.platform(CommonFlags.platform)
        let builder = try session.builder(registries: references)
        var moved: [MovedImage] = []
        for reference in references {
            let manifest = try await session.watching { report in
                try await builder.pull(reference, platform: platform, report: report)
            }
            moved.append(MovedImage(name: reference.description, digest: manifest.digest))
        }
        try MovedImage.print(moved, arguments, console)
        return ExitStatus.success
    }
}

/// An image that came or went.
struct MovedImage: Encodable {
    let name: String
    let digest: Digest

    /// Prints the digests, or all as JSON.
    static func print(_ images: [MovedImage], _ arguments: Arguments, _ console: Console) throws {
        if arguments.isOn(CommonFlags.json) {
            try console.print(json: images)
        } else {
            for image in images { console.print(image.digest.description) }
        }
    }
}
