import OCISpec

/// Where the results of steps are shared with other machines: every one of them an image of its own, beside which the
/// place may hold other images.
public enum CachePlace: Sendable, Hashable {
    /// A repository of a registry. The reference's tag does not count: the entries have tags of their own.
    case registry(Reference)
    /// An OCI image layout in a folder, which is made where there is none.
    case folder(String)
}

/// A cache that a build reads.
public struct CacheSource: Sendable, Hashable {
    /// Where it is.
    public var place: CachePlace
    /// Results older than this are not used; nil for no limit.
    public var maximumAge: Duration?

    /// A cache to read.
    public init(_ place: CachePlace, maximumAge: Duration? = nil) {
        self.place = place
        self.maximumAge = maximumAge
    }
}

/// A cache that a build writes.
public struct CacheTarget: Sendable, Hashable {
    /// Which steps are written.
    public enum Mode: String, Sendable, CaseIterable {
        /// Those that the image grows from.
        case min
        /// Those of all stages.
        case max
    }

    /// Where it is.
    public var place: CachePlace
    /// Which steps are written.
    public var mode: Mode
    /// Results that the place has are written anew once they are older than this; nil for never.
    public var maximumAge: Duration?

    /// A cache to write.
    public init(_ place: CachePlace, mode: Mode = .min, maximumAge: Duration? = nil) {
        self.place = place
        self.mode = mode
        self.maximumAge = maximumAge
    }
}
