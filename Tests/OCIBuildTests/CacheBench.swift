import LinuxSystem
import OCIBuild
import OCIContent
import TestSupport
import Testing

/// A registry with a base image in it, a context, and machines that share a cache.
struct CacheBench {
    let registry: RegistryProcess
    let relay: CountingRelay
    /// Made the base image, and has the context.
    let maker: Workshop
    let scratch: TemporaryDirectory
    let base: Reference
    let app: Reference
    let cache: Reference

    static let steps = ["RUN echo ran > /ran", "COPY one /app/one", "RUN cat /app/one > /all"]

    var text: String { "FROM \(base)\n" + Self.steps.joined(separator: "\n") + "\n" }

    /// - Parameter baseBytes: how much the base holds that does not compress.
    init(baseBytes: Int = 1000, _ options: RegistryProcess.Options = .init()) async throws {
        registry = try RegistryProcess(options)
        relay = try CountingRelay(to: registry.port)
        maker = try await Workshop(registry: Self.options(relay))
        scratch = try TemporaryDirectory()
        base = try Reference(parsing: "\(relay.host)/team/base:1")
        app = try Reference(parsing: "\(relay.host)/team/app:1")
        cache = try Reference(parsing: "\(relay.host)/team/cache")
        try maker.write("one", "1\n")
        _ = try await maker.build(
            "FROM base\nRUN mkdir -m 2750 /app && head -c \(baseBytes) /dev/urandom > /big\n",
            options: BuildOptions(tags: [base]))
        try await maker.builder.push(base)
    }

    private static func options(_ relay: CountingRelay) -> RegistryOptions {
        var options = RegistryOptions()
        options.plainHTTPHosts = [relay.host]
        // What is gone is not waited for.
        options.attempts = 1
        return options
    }

    /// A machine with an empty store, unless it has been there before.
    func machine(_ name: String, environment: [String: String] = [:]) throws -> Builder {
        try Builder(root: "\(scratch.path)/\(name)", registry: Self.options(relay), environment: environment)
    }

    /// Options that read and write the cache.
    func options(reads: Bool = true, writes: CacheTarget.Mode? = .min) -> BuildOptions {
        var options = BuildOptions(tags: [app])
        if reads { options.cacheFrom = [CacheSource(.registry(cache))] }
        if let writes { options.cacheTo = [CacheTarget(.registry(cache), mode: writes)] }
        options.completesImage = false
        // What RUN writes has the time of its writing otherwise, and no two machines make the same of it.
        options.sourceDateEpoch = 1_700_000_000
        return options
    }

    func record(_ builder: Builder, _ options: BuildOptions, text: String? = nil) async throws -> Recording {
        let events = EventLog()
        let image = try await builder.build(
            .text(text ?? self.text), context: maker.context.string, options: options
        ) { events.add($0) }
        return Recording(image: image, events: events.all)
    }

    /// Builds on a machine of that name.
    func record(on name: String, _ options: BuildOptions? = nil, text: String? = nil) async throws -> Recording {
        try await record(machine(name), options ?? self.options(), text: text)
    }

    var entries: Repository {
        get throws { try machine("observer").registry.repository(cache) }
    }

    /// The tags of the entries: those of steps, and those of layers.
    func tags() async throws -> (steps: [String], layers: [String]) {
        let tags = try await entries.tags(beginning: "ocibuild-").sorted()
        return (tags.filter { !$0.hasPrefix("ocibuild-layer-") }, tags.filter { $0.hasPrefix("ocibuild-layer-") })
    }

    func reference(_ tag: String) -> Reference {
        Reference(domain: cache.domain, repository: cache.repository, tag: tag)
    }

    func manifest(_ tag: String) async throws -> ImageManifest {
        let found = try #require(try await entries.manifest(tagged: reference(tag)))
        return try CanonicalJSON.decode(ImageManifest.self, from: found.bytes)
    }

    /// Writes a manifest over an entry, as somebody may who may write the repository.
    func replace(_ tag: String, _ change: (inout ImageManifest) throws -> Void) async throws {
        var manifest = try await manifest(tag)
        try change(&manifest)
        let bytes = try CanonicalJSON.encode(manifest)
        let descriptor = Descriptor(mediaType: .ociManifest, digest: .sha256(of: bytes), size: Int64(bytes.count))
        try await entries.put(bytes, descriptor, tagged: reference(tag))
    }

    /// A key pair in PEM: the private key, and the public one.
    func keys() throws -> (secret: String, open: String) {
        let secret = try maker.shell("openssl genpkey -algorithm ed25519")
        return (secret, try maker.shell("printf '%s' '\(secret)' | openssl pkey -pubout"))
    }
}
