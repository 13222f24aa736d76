import BuildModel
import Codecs
import ImageDefinition
import OCISpec
public import Sandboxing

/// How to build an image. The defaults are those of the `ocibuild build` command.
public struct BuildOptions: Sendable {
    /// When a base image is looked for in its registry.
    public enum PullPolicy: String, Sendable, CaseIterable {
        /// Always, even where the store has an image of that name.
        case always
        /// Where the store has none.
        case missing
        /// Never: the store must have it.
        case never
    }

    /// Which rung of the sandbox ladder RUN steps take.
    public enum IsolationChoice: String, Sendable, CaseIterable {
        /// The strongest that the machine allows.
        case auto
        /// Namespaces and overlayfs, as root with CAP_SYS_ADMIN.
        case root
        /// The same inside a user namespace with subordinate ids, which ``Rootless/enter(evenAsRoot:)`` makes.
        case userns
        /// A user namespace of one id for each step; owners are recorded, and steps see what is recorded.
        case single
        /// A private copy of the tree and chroot: no security boundary.
        case chroot
        /// No commands: only COPY, ADD and configuration.
        case none
    }

    /// The network of RUN steps.
    public enum Network: String, Sendable, CaseIterable {
        /// The machine's own.
        case host
        /// None but the loopback device.
        case none
    }

    /// What becomes of the modification times of files that are copied from the context.
    public enum Timestamp: Sendable, Hashable {
        /// One constant time, so that a layer does not change because a checkout did.
        case constant
        /// The files' own.
        case preserve
        /// The time of the build.
        case now
        /// This time, in seconds since 1970.
        case seconds(Int64)
    }

    /// Names that the image gets in the store, and when pushed; where there is none, an `Image`'s or a plan's own.
    public var tags: [Reference] = []
    /// The stage to build; nil for the last.
    public var target: String?
    /// Values of ARG; nil takes the value of the builder's own environment variable of that name.
    public var buildArguments: [String: String?] = [:]
    /// Labels beside those of the definition.
    public var labels: [String: String] = [:]
    /// Annotations of the manifest, beside those that an `Image`'s texts become.
    public var annotations: [String: String] = [:]
    /// The platform of the image.
    public var platform = Platform.host
    /// False: every step is done again.
    public var usesCache = true
    /// Whether all of the image is in the store when the build ends. False is for images that are only pushed: base and
    /// cached layers that no step reads are not fetched, but remembered, and fetched by whatever needs them later.
    public var completesImage = true
    /// Caches to read that are shared with other machines, in the order in which they are asked. That they fail never
    /// makes the build fail.
    public var cacheFrom: [CacheSource] = []
    /// Caches to write when the build is done.
    public var cacheTo: [CacheTarget] = []
    /// A file of Ed25519 keys in PEM form, or their text itself: what a shared cache holds is used only where one of them
    /// has signed it, and is written signed by the first private one. Nil for `OCIBUILD_CACHE_KEY` of the builder's
    /// environment; without keys anything is believed that those may write who may write the cache.
    public var cacheKey: String?
    /// Results older than this are not used, of shared caches that have no limit of their own; nil for no limit.
    public var cacheMaximumAge: Duration?
    /// Images to use in the place of others as bases and in COPY --from; the first that matches counts.
    public var baseMap: [BaseMapping] = []
    /// When base images are pulled.
    public var pullPolicy = PullPolicy.missing
    /// The rung of the sandbox ladder.
    public var isolation = IsolationChoice.auto
    /// The weakest rung that RUN steps may take; a build that has none as strong fails. (`auto` allows all.)
    public var minimumIsolation = IsolationChoice.none
    /// The network of RUN steps that do not choose theirs.
    public var network = Network.host
    /// What each RUN step may use at most.
    public var limits = StepLimits()
    /// Secrets for the steps that ask for them, by id.
    public var secrets: [String: BuildSecret] = [:]
    /// Sockets of SSH agents for the steps that ask for them, by id; the usual one is "default".
    public var agents: [String: String] = [:]
    /// Lines for `/etc/hosts` in RUN steps, as `name:address`.
    public var extraHosts: [String] = []
    /// Codec and level of the layers.
    public var compression = Compression.default
    /// Threads that compress; 0 for one a core. The image does not depend on it.
    public var compressionThreads = 0
    /// Times of copied files.
    public var timestamp = Timestamp.constant
    /// SOURCE_DATE_EPOCH: the image's `created`, and the newest time that a file of its own layers has.
    public var sourceDateEpoch: Int64?
    /// A file of certificate authorities that RUN steps trust; nil for the machine's own, empty for none.
    public var caBundle: String?
    /// Proxy variables of the builder's environment are passed to RUN steps, and never stored.
    public var passesProxies = true
    /// Where `withPython` finds prebuilt interpreters: the address of a folder of archives with their
    /// SHA256SUMS, laid out as a release of python-build-standalone; nil for `OCIBUILD_PYTHON_MIRROR` of the builder's
    /// environment, else the newest release of that project.
    public var pythonMirror: String?
    /// Where it finds source archives: an address laid out as https://www.python.org/ftp/python is; nil for
    /// `OCIBUILD_PYTHON_SOURCE` of the builder's environment, else that one.
    public var pythonSource: String?
    /// An ignore file to use instead of those that are looked for.
    public var ignoreFile: String?

    /// The defaults.
    public init(tags: [Reference] = []) { self.tags = tags }
}

extension BuildOptions {
    /// With what a plan says of its image where the options say nothing.
    func completed(by plan: ImagePlan?) -> BuildOptions {
        guard let plan else { return self }
        var options = self
        if options.tags.isEmpty, let name = plan.reference { options.tags = [name] }
        if options.target == nil { options.target = plan.target }
        options.annotations.merge(plan.annotations) { own, _ in own }
        return options
    }
}
