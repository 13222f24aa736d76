/// The operating system and processor an image is for, such as `linux/arm64/v8`.
public struct Platform: Hashable, Sendable {
    /// Operating system, in Go's names (`linux`).
    public var os: String
    /// Processor architecture, in Go's names (`amd64`).
    public var architecture: String
    /// Variant of the architecture (`v7`), where there is one.
    public var variant: String?
    /// Version of the operating system (Windows).
    public var osVersion: String?
    /// Features that the operating system must have (Windows).
    public var osFeatures: [String]?

    /// A platform with exactly these fields; nothing is normalised.
    public init(
        os: String, architecture: String, variant: String? = nil, osVersion: String? = nil, osFeatures: [String]? = nil
    ) {
        self.os = os
        self.architecture = architecture
        self.variant = variant
        self.osVersion = osVersion
        self.osFeatures = osFeatures
    }

    /// Linux on the processor that this program was built for.
    public static let host = Platform(os: "linux", architecture: hostArchitecture)

    private static var hostArchitecture: String {
        #if arch(x86_64)
            "amd64"
        #elseif arch(arm64)
            "arm64"
        #elseif arch(arm)
            "arm"
        #elseif arch(i386)
            "386"
        #elseif arch(powerpc64le)
            "ppc64le"
        #elseif arch(s390x)
            "s390x"
        #elseif arch(riscv64)
            "riscv64"
        #else
            "unknown"
        #endif
    }
}

extension Platform: CustomStringConvertible {
    /// `os/architecture[/variant]`.
    public var description: String {
        variant.map { "\(os)/\(architecture)/\($0)" } ?? "\(os)/\(architecture)"
    }
}

extension Platform: Codable {
    private enum CodingKeys: String, CodingKey {
        case os, architecture, variant
        case osVersion = "os.version"
        case osFeatures = "os.features"
    }

    /// Reads the value from its JSON form.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        os = try container.decodeIfPresent(String.self, forKey: .os) ?? ""
        architecture = try container.decodeIfPresent(String.self, forKey: .architecture) ?? ""
        variant = try container.decodeIfPresent(String.self, forKey: .variant).flatMap { $0.isEmpty ? nil : $0 }
        osVersion = try container.decodeIfPresent(String.self, forKey: .osVersion).flatMap { $0.isEmpty ? nil : $0 }
        osFeatures = try container.decodeIfPresent([String].self, forKey: .osFeatures)
    }

    /// Writes the value in the specification's JSON form.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(os, forKey: .os)
        try container.encode(architecture, forKey: .architecture)
        try container.encodeUnlessEmpty(variant, forKey: .variant)
        try container.encodeUnlessEmpty(osVersion, forKey: .osVersion)
        try container.encodeUnlessEmpty(osFeatures, forKey: .osFeatures)
    }
}
