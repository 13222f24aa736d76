import OCISpec

/// What the caller of a build decides about a definition.
package struct LoweringOptions: Sendable, Hashable {
    /// `--build-arg`: a nil value means that the name was given without a value and the caller has none for it.
    package var buildArgs: [String: String?]
    /// The platform that the image is for.
    package var platform: Platform
    /// The platform that the builder runs on.
    package var buildPlatform: Platform
    /// `--label`: set on the image after everything else.
    package var labels: [String: String]
    /// Proxy variables that every RUN step sees and nothing records. A build argument of such a name wins.
    package var proxies: [String: String]

    /// Makes options; without arguments those of a plain build for the host's platform.
    package init(
        buildArgs: [String: String?] = [:], platform: Platform = .host, buildPlatform: Platform = .host,
        labels: [String: String] = [:], proxies: [String: String] = [:]
    ) {
        self.buildArgs = buildArgs
        self.platform = platform
        self.buildPlatform = buildPlatform
        self.labels = labels
        self.proxies = proxies
    }
}

extension LoweringOptions {
    /// Build arguments that need no ARG: RUN steps see them, and neither history nor cache keys name them.
    package static let proxyNames = [
        "HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "FTP_PROXY", "ftp_proxy", "NO_PROXY", "no_proxy",
        "ALL_PROXY", "all_proxy",
    ]

    /// True for an image in an OCI layout folder, `oci:PATH` or `oci-layout://PATH`, which is no registry's reference.
    package static func isLayout(_ name: String) -> Bool {
        name.hasPrefix("oci:/") || name.hasPrefix("oci:.") || name.hasPrefix("oci-layout://")
    }

    /// Build arguments that tell a builder how to work and are never "unused".
    static let builderNames: Set<String> = ["SOURCE_DATE_EPOCH"]

    /// The variables that describe the platforms, ready for use in FROM and after an ARG of their name.
    var platformVariables: [(name: String, value: String)] {
        [
            ("BUILDPLATFORM", buildPlatform.description), ("BUILDOS", buildPlatform.os),
            ("BUILDARCH", buildPlatform.architecture), ("BUILDVARIANT", buildPlatform.variant ?? ""),
            ("BUILDOSVERSION", buildPlatform.osVersion ?? ""),
            ("TARGETPLATFORM", platform.description), ("TARGETOS", platform.os),
            ("TARGETARCH", platform.architecture), ("TARGETVARIANT", platform.variant ?? ""),
            ("TARGETOSVERSION", platform.osVersion ?? ""),
        ]
    }

    func buildArg(_ name: ByteText) -> ByteText? {
        guard let value = buildArgs[name.string] else { return nil }
        return value.map { Array($0.utf8) }
    }
}
