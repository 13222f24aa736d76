import OCISpec

/// Finds out what a manifest is, and refuses one that two readers could take for two things (CVE-2021-41190).
enum ManifestKind {
    /// Present with whatever value.
    private struct Present: Decodable {
        init(from decoder: any Decoder) {}
    }

    private struct Outline: Decodable {
        var mediaType: String?
        var manifests: Present?
        var layers: Present?
        var config: Present?
        var fsLayers: Present?
    }

    /// What is asked for: images and indexes in both families.
    static let accepted = [MediaType.ociIndex, .dockerManifestList, .ociManifest, .dockerManifest]

    /// The media type of a manifest, of what its answer's Content-Type and its own text say.
    static func mediaType(of bytes: [UInt8], contentType: String?, subject: String) throws(RegistryError) -> MediaType {
        let outline: Outline
        do {
            outline = try CanonicalJSON.decode(Outline.self, from: bytes)
        } catch {
            throw RegistryError(
                code: "MANIFEST_INVALID", subject: subject, message: "the manifest is not one: \(error)",
                nextStep: "is this the address of a container registry?")
        }
        func invalid(_ message: String) -> RegistryError {
            RegistryError(code: "MANIFEST_INVALID", subject: subject, message: message)
        }
        let said = [contentType, outline.mediaType].compactMap { $0 }.map { MediaType(rawValue: $0) }
        if outline.fsLayers != nil || said.contains(.dockerManifestV1) {
            throw RegistryError(
                code: "UNSUPPORTED", subject: subject,
                message: "is an image of Docker's first format, which the registries themselves have given up",
                nextStep: "push the image again with a current tool")
        }
        let isImage = outline.layers != nil || outline.config != nil
        let isIndex = outline.manifests != nil
        guard isImage != isIndex else {
            throw invalid(
                isImage
                    ? "the manifest is an image and an index at once" : "the manifest names neither layers nor images")
        }
        let known = said.filter { accepted.contains($0) }
        guard Set(known).count <= 1 else {
            throw invalid("the registry calls it \(known[0]), the manifest itself \(known[1])")
        }
        let type = known.first ?? (isIndex ? .ociIndex : .ociManifest)
        guard type.isIndex == isIndex else { throw invalid("is called \(type) and is not that") }
        return type
    }
}
