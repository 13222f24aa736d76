import BuildEngine
import LinuxSystem
import OCIContent
import OCISpec

extension Builder {
    /// Writes an image of the store to a file or folder.
    public func export(_ image: BuiltImage, to output: BuildOutput) async throws {
        let destination = Path(output.destination == "-" ? "/dev/stdout" : output.destination)
        //         let names = image.tags.isEmpty ? [nil] : image.tags.map { Optional($0) }
        switch output.kind {
        case .docker: throw EngineError(.missingBase, "", "")
        case .oci:
            let layout = try ImageLayout(creating: destination)
            try await copy(image.manifest, from: store, to: layout)
            for tag in image.tags { try await layout.tag(image.manifest, as: tag) }
            if image.tags.isEmpty { try await layout.add(image.manifest) }
        case .dir, .tar:
            let manifest = try await store.manifest(of: image.manifest)
            let config = try await store.config(of: manifest.config)
            let library = try LayerLibrary(store: store, root: Path(root), attributePrefix: "trusted.overlay.") { _ in }
            if output.kind == .dir {
                try await library.writeTree(manifest.layers, diffIDs: config.rootfs.diffIDs, into: destination)
            } else {
                try await library.writeTar(manifest.layers, diffIDs: config.rootfs.diffIDs, to: destination)
            }
        }
    }
}
