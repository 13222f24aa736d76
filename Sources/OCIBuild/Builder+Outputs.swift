import BuildEngine
import LinuxSystem
import OCIContent
import OCISpec

extension Builder {
    /// Writes an image of the store to a file or folder.
    public func export(_ image: BuiltImage, to output: BuildOutput) async throws {
        let lease = try await self.lease()
        defer { withExtendedLifetime(lease) {} }
        let images = [ArchivedImage(descriptor: image.manifest, references: image.tags)]
        let toStream = output.destination == "-"
        switch output.kind {
        case .docker: try await write(images, as: .docker, to: output.destination)
        case .oci where toStream || output.destination.hasSuffix(".tar"):
            try await write(images, as: .oci, to: output.destination)
        case .oci: try await writeLayout(images, to: output.destination)
        case .dir, .tar:
            let manifest = try await store.manifest(of: image.manifest)
            let config = try await store.config(of: manifest.config)
            let library = try LayerLibrary(
                store: store, root: Path(root), form: .ofThisProcess(for: nil), origins: origins(of: image.tags)
            ) { _ in }
            if output.kind == .dir {
                try await library.writeTree(
                    manifest.layers, diffIDs: config.rootfs.diffIDs,
                    into: Path(toStream ? "/dev/stdout" : output.destination))
            } else {
                try await library.writeTar(
                    manifest.layers, diffIDs: config.rootfs.diffIDs, to: toStream ? nil : Path(output.destination))
            }
        }
    }

    /// Writes images of the store, with these names, into one archive.
    /// - Parameter path: a file, which appears when it is whole; `-` is standard output.
    public func save(
        _ references: [Reference], to path: String, format: ImageArchive.Format = .docker
    ) async throws {
        let lease = try await self.lease()
        defer { withExtendedLifetime(lease) {} }
        try await write(archived(references), as: format, to: path)
    }

    /// Writes images of the store, with these names, into an OCI layout, which is made where there is none.
    public func save(_ references: [Reference], toLayout path: String) async throws {
        let lease = try await self.lease()
        defer { withExtendedLifetime(lease) {} }
        try await writeLayout(archived(references), to: path)
    }

    private func archived(_ references: [Reference]) async throws -> [ArchivedImage] {
        var images: [ArchivedImage] = []
        for reference in references {
            let name = reference.withDefaultTag()
            let descriptor = try await store.resolve(name)
            if let index = images.firstIndex(where: { $0.descriptor.digest == descriptor.digest }) {
                images[index].references.append(name)
            } else {
                images.append(ArchivedImage(descriptor: descriptor, references: [name]))
            }
        }
        return images
    }

    private func write(_ images: [ArchivedImage], as format: ImageArchive.Format, to path: String) async throws {
        let source = reachable(images.flatMap(\.references))
        guard path == "-" else {
            try await ImageArchive.write(images, from: source, as: format, toFile: path)
            return
        }
        try await ImageArchive.write(images, from: source, as: format, to: FileByteWriter.standardOutput())
    }

    private func writeLayout(_ images: [ArchivedImage], to path: String) async throws {
        let layout = try ImageLayout(creating: path)
        for image in images {
            try await copy(image.descriptor, from: reachable(image.references), to: layout)
            for reference in image.references { try await layout.tag(image.descriptor, as: reference) }
            if image.references.isEmpty { try await layout.add(image.descriptor) }
        }
    }
}
