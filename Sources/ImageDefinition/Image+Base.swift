extension Image {
    /// Sets what the image starts from, wherever it stands among the steps; the last one counts.
    /// - Parameter platform: such as `linux/arm64`; nil for the build's.
    public func fromBase(_ reference: String, platform: String? = nil) -> Image {
        var image = self
        image.base = .reference(reference, platform: platform)
        return image
    }

    /// Starts from another image's definition, which becomes a stage of the same build.
    public func fromBase(_ other: Image) -> Image {
        var image = self
        image.base = .definition(other)
        return image
    }

    /// Starts from nothing.
    public func fromScratch() -> Image { fromBase("scratch") }
}
