import Glibc
import OCIBuild

/// `ocibuild image list`.
enum ImageListVerb {
    static let quiet = Flag.toggle("quiet", short: "q", "Print only ids.")

    static let verb = Verb(
        name: "image list", chapter: .images,
        summary: "List the images of the catalogue",
        operands: [Verb.Operand(name: "WORKSPACE", count: 0...1, help: "Whose images. Default: the own ones.")],
        flags: [quiet, CommonFlags.json] + CatalogueFlags.all,
        run: run)

    static func run(_ arguments: Arguments, _ console: Console) async throws -> Int32 {
        if ProgramName.current == .docker { return try await ImagesVerb.run(arguments, console) }
        let session = try CatalogueSession("image list", arguments, console)
        let workspace = try arguments.operandTexts(of: "image list").first
        let images = try await session.catalogue.images(in: workspace)
        if arguments.isOn(CommonFlags.json) {
            try console.print(json: images.map { CatalogueRow($0, in: session.catalogue) })
        } else if arguments.isOn(quiet) {
            for image in images { console.print(image.id.text) }
        } else {
            console.print(table(images, now: Int64(time(nil))))
        }
        try await session.warnOfProblems(in: workspace)
        return ExitStatus.success
    }

    /// The table for people.
    static func table(_ images: [CatalogueImage], now: Int64) -> Table {
        var table = Table(["NAME", "ID", "AUTHOR", "COMMITTED", "DESCRIPTION"], flexibleColumn: 4)
        for image in images {
            let age = image.committed.flatMap { Moment.seconds(parsing: $0) }.map { Measure.age(of: $0, now: now) }
            let firstLine = image.description.split(separator: "\n").first.map(String.init) ?? ""
            table.add([image.name, image.id.text, image.author.name, age ?? "not yet", firstLine])
        }
        return table
    }
}
