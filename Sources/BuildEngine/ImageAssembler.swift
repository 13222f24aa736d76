import BuildModel
import OCIContent
import OCISpec

/// Makes configuration and manifest of the layers that a build ended with.
struct ImageAssembler {
    let plan: BuildPlan
    let base: ResolvedBase?
    let created: String
    var annotations: [String: String] = [:]

    /// The image's configuration: the plan's, with the layers' DiffIDs, and the base's history continued.
    func config(layers: [LayerHandle.Facts], madeBy steps: [StepID: LayerHandle.Facts]) -> ImageConfig {
        var config = plan.config
        config.created = created
        config.rootfs = RootFS(diffIDs: layers.map(\.diffID))
        config.history =
            (base?.config.history ?? [])
            + plan.history.map { item in
                switch item {
                case .step(let id, let text):
                    return History(created: created, createdBy: text, emptyLayer: steps[id] == nil ? true : nil)
                case .empty(let text):
                    return History(created: created, createdBy: text, emptyLayer: true)
                }
            }
        return config
    }

    /// The image manifest over a configuration and its layers. Base layers keep their media types where the
    /// specification has them; Docker's are renamed to the equal ones of OCI.
    func manifest(config: Descriptor, layers: [LayerHandle.Facts]) -> ImageManifest {
        ImageManifest(
            config: config,
            layers: layers.map { facts in
                var descriptor = facts.descriptor
                switch descriptor.mediaType {
                case .dockerLayerGzip: descriptor.mediaType = .ociLayerGzip
                case .dockerLayer: descriptor.mediaType = .ociLayer
                default: break
                }
                return descriptor
            }, annotations: annotations)
    }
}
