import OCISpec
import Testing

@Suite struct PlatformTests {
    @Test(arguments: [
        ("linux/amd64", "linux/amd64"), ("linux/x86_64", "linux/amd64"), ("linux/aarch64", "linux/arm64"),
        ("linux/arm64/v8", "linux/arm64/v8"), ("linux/arm", "linux/arm"), ("linux/arm/v7", "linux/arm/v7"),
        ("linux/arm/6", "linux/arm/v6"), ("linux/armhf", "linux/arm"), ("linux/armel", "linux/arm/v6"),
        ("Linux/AMD64", "linux/amd64"), ("macos/arm64", "darwin/arm64"), ("arm64", "linux/arm64"),
        ("linux/i386", "linux/386"), ("windows/amd64", "windows/amd64"), ("riscv64", "linux/riscv64"),
        ("linux", "linux/\(Platform.host.architecture)"),
    ])
    func parsing(_ text: String, _ expected: String) throws {
        #expect(try Platform(parsing: text).description == expected)
    }

    @Test(arguments: ["", "/", "linux/", "/amd64", "linux/amd64/v1/x", "nonsense", "linux amd64", "linux/a*"])
    func refuses(_ text: String) {
        #expect(throws: SpecError.self) { try Platform(parsing: text) }
    }

    @Test func matching() throws {
        func matches(_ wanted: String, _ offered: Platform) throws -> Bool {
            try Platform(parsing: wanted).matches(offered)
        }
        #expect(try matches("linux/arm64", Platform(os: "linux", architecture: "arm64", variant: "v8")))
        #expect(try matches("linux/amd64", Platform(os: "linux", architecture: "amd64")))
        #expect(try !matches("linux/amd64", Platform(os: "linux", architecture: "amd64", variant: "v3")))
        #expect(try matches("linux/amd64/v3", Platform(os: "linux", architecture: "amd64", variant: "v2")))
        #expect(try matches("linux/arm/v7", Platform(os: "linux", architecture: "arm", variant: "v6")))
        #expect(try !matches("linux/arm/v6", Platform(os: "linux", architecture: "arm", variant: "v7")))
        #expect(try !matches("linux/arm64", Platform(os: "linux", architecture: "amd64")))
        #expect(try !matches("linux/amd64", Platform(os: "unknown", architecture: "unknown")))
    }

    @Test(
        "R2: variants that no processor has neither match nor overflow",
        arguments: [
            "v-9223372036854775808", "v9223372036854775807", "v99999999999999999999", "v256", "v", "v-1", "8x",
        ])
    func hostileVariants(_ variant: String) throws {
        for architecture in ["amd64", "arm64", "arm"] {
            let candidate = Platform(os: "linux", architecture: architecture, variant: variant)
            #expect(!Platform(os: "linux", architecture: architecture).matches(candidate))
            #expect(candidate.rank(of: candidate) == 0)
        }
    }

    @Test func bestOfAnIndex() throws {
        func entry(_ letter: String, _ platform: Platform?) throws -> Descriptor {
            Descriptor(
                mediaType: .ociManifest, digest: try Digest(parsing: "sha256:" + String(repeating: letter, count: 64)),
                size: 1, platform: platform)
        }
        let index = ImageIndex(manifests: [
            try entry("a", nil), try entry("b", Platform(os: "linux", architecture: "arm", variant: "v6")),
            try entry("c", Platform(os: "linux", architecture: "arm", variant: "v7")),
            try entry("d", Platform(os: "linux", architecture: "arm", variant: "v7")),
        ])
        #expect(index.manifest(for: try Platform(parsing: "linux/arm/v7"))?.digest.hex.first == "c")
        #expect(index.manifest(for: try Platform(parsing: "linux/s390x")) == nil)
    }
}
