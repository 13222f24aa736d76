import BuildEngine
import BuildModel
import Codecs
import Dockerfile
import Layers
import LinuxSystem
import OCIContent
import OCISpec

extension Builder {
    /// Makes an image of one layer out of a root file system's tar, compressed or not, as `docker import` does.
    /// - Parameters:
    ///   - path: the tar; `-` reads standard input.
    ///   - changes: Dockerfile instructions that set the configuration, as `CMD ["sh"]` or `ENV A=b`.
    public func importTree(
        _ path: String, as reference: Reference, changes: [String] = [], platform: Platform = .host,
        compression: Compression = .default
    ) async throws -> BuiltImage {
        let lease = try await self.lease()
        defer { withExtendedLifetime(lease) {} }
        let text = "FROM scratch\n" + changes.map { $0 + "\n" }.joined()
        let document = try ParsedDockerfile(parsing: DockerfileSource(name: "--change", bytes: Array(text.utf8)))
        let plan = try document.lower(
            target: nil, options: LoweringOptions(platform: platform), bases: [:])
        let library = try LayerLibrary(
            store: store, root: Path(root), form: .ofThisProcess(for: nil), origins: origins()
        ) { _ in }
        let (layer, diffID) = try await library.importLayer(
            from: path == "-" ? nil : Path(path), compression: compression, threads: 2)
        // Only the file's name: the same tar makes the same image wherever it lies.
        let name = path == "-" ? "standard input" : Path(path).lastComponent?.description ?? path
        var config = plan.config
        config.created = RFC3339.format(EngineOptions.constantTime)
        config.rootfs = RootFS(diffIDs: [diffID])
        config.history = [
            History(created: config.created, createdBy: "ocibuild import", comment: "Imported from \(name)")
        ]
        let (configBlob, manifest) = try await BlockingPool.shared.run { [store, config] in
            let configBlob = try store.put(CanonicalJSON.encode(config), mediaType: .ociConfig)
            let manifest = try store.put(
                CanonicalJSON.encode(ImageManifest(config: configBlob, layers: [layer])), mediaType: .ociManifest)
            return (configBlob, manifest)
        }
        let tag = reference.withDefaultTag()
        try await store.tag(manifest, as: tag)
        return BuiltImage(manifest: manifest, config: configBlob, tags: [tag])
    }
}
