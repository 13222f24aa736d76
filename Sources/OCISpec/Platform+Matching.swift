extension Platform {
    /// Parses `linux`, `amd64`, `linux/arm64` or `linux/arm/v7`, as containerd does; the missing part is the host's,
    /// other spellings (`x86_64`, `aarch64`, `armhf`…) are normalised.
    public init(parsing text: String) throws(SpecError) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let wellFormed = parts.allSatisfy { part in
            !part.isEmpty
                && part.utf8.allSatisfy { byte in
                    switch byte {
                    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x2E, 0x2D: true
                    default: false
                    }
                }
        }
        guard wellFormed, (1...3).contains(parts.count) else {
            throw SpecError(.platformFormat, text, "a platform has the form os/architecture[/variant], as linux/arm64")
        }
        switch parts.count {
        case 1:
            let os = Platform(os: parts[0], architecture: "").normalized.os
            let candidate = Platform(os: "linux", architecture: parts[0]).normalized
            if Self.knownSystems.contains(os) {
                self.init(os: os, architecture: Platform.host.architecture)
            } else if Self.knownArchitectures.contains(candidate.architecture) {
                self = candidate.withoutDefaultVariant
            } else {
                throw SpecError(
                    .platformFormat, text,
                    "neither a known operating system nor a known architecture; write linux/\(text)")
            }
        case 2:
            self = Platform(os: parts[0], architecture: parts[1]).normalized.withoutDefaultVariant
        default:
            self = Platform(os: parts[0], architecture: parts[1], variant: parts[2]).normalized
            if architecture == "arm64", variant == nil { variant = "v8" }
        }
    }

    /// The same platform in its usual spelling: `x86_64` becomes `amd64`, `arm64/v8` `arm64`, `arm` `arm/v7`.
    public var normalized: Platform {
        var result = self
        result.os = os.lowercased() == "macos" ? "darwin" : os.lowercased()
        let variant = self.variant?.lowercased() ?? ""
        var normalVariant = variant
        switch architecture.lowercased() {
        case "i386":
            result.architecture = "386"
            normalVariant = ""
        case "x86_64", "x86-64", "amd64":
            result.architecture = "amd64"
            if variant == "v1" { normalVariant = "" }
        case "aarch64", "arm64":
            result.architecture = "arm64"
            if variant == "8" || variant == "v8" || variant == "v8.0" { normalVariant = "" }
        case "armhf":
            result.architecture = "arm"
            normalVariant = "v7"
        case "armel":
            result.architecture = "arm"
            normalVariant = "v6"
        case "arm":
            result.architecture = "arm"
            if variant.isEmpty {
                normalVariant = "v7"
            } else if ["5", "6", "7", "8"].contains(variant) {
                normalVariant = "v" + variant
            }
        case let other:
            result.architecture = other
        }
        result.variant = normalVariant.isEmpty ? nil : normalVariant
        return result
    }

    /// Whether an image for `candidate` runs on this platform.
    public func matches(_ candidate: Platform) -> Bool {
        rank(of: candidate) != nil
    }

    /// How well an image for `candidate` fits this platform: 0 is exact, larger is an older variant that still runs,
    /// `nil` does not run.
    public func rank(of candidate: Platform) -> Int? {
        let wanted = normalized
        let offered = candidate.normalized
        guard wanted.os == offered.os, wanted.architecture == offered.architecture else { return nil }
        if let version = wanted.osVersion, version != offered.osVersion { return nil }
        if wanted.variant == offered.variant { return 0 }
        guard let have = wanted.generation, let need = offered.generation, need < have else { return nil }
        return have - need
    }

    /// The variant as a number that grows with the processor's abilities.
    private var generation: Int? {
        switch architecture {
        case "arm", "arm64", "amd64":
            guard let variant else { return architecture == "amd64" ? 1 : architecture == "arm64" ? 8 : 7 }
            // Variants come from anybody's index: no sign, and nothing that a subtraction could not bear.
            return variant.hasPrefix("v") ? UInt8(variant.dropFirst()).map(Int.init) : nil
        default:
            return nil
        }
    }

    private var withoutDefaultVariant: Platform {
        guard architecture == "arm", variant == "v7" else { return self }
        return Platform(os: os, architecture: architecture, osVersion: osVersion, osFeatures: osFeatures)
    }

    private static let knownSystems: Set<String> = [
        "aix", "android", "darwin", "dragonfly", "freebsd", "hurd", "illumos", "ios", "js", "linux", "nacl", "netbsd",
        "openbsd", "plan9", "solaris", "wasip1", "windows", "zos",
    ]

    private static let knownArchitectures: Set<String> = [
        "386", "amd64", "amd64p32", "arm", "armbe", "arm64", "arm64be", "loong64", "mips", "mipsle", "mips64",
        "mips64le", "mips64p32", "mips64p32le", "ppc", "ppc64", "ppc64le", "riscv", "riscv64", "s390", "s390x", "sparc",
        "sparc64", "wasm",
    ]
}
