import OCISpec
import Testing

@Suite struct CanonicalJSONTests {
    private static let digest = "sha256:" + String(repeating: "a", count: 64)
    private static let descriptor =
        #"{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"\#(digest)","size":2}"#

    private func manifest(_ text: String) throws -> ImageManifest {
        try CanonicalJSON.decode(ImageManifest.self, from: Array(text.utf8))
    }

    @Test func manifestRoundTrip() throws {
        let config = Descriptor(mediaType: .ociConfig, digest: try Digest(parsing: Self.digest), size: 2)
        let bytes = try CanonicalJSON.encode(ImageManifest(config: config, layers: []))
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == #"{"config":{"digest":"\#(Self.digest)","mediaType":"application/vnd.oci.image.config.v1+json","size":2},"#
                + #""layers":[],"mediaType":"application/vnd.oci.image.manifest.v1+json","schemaVersion":2}"#)
        #expect(try CanonicalJSON.decode(ImageManifest.self, from: bytes).config == config)
    }

    @Test func configOmitsWhatIsEmpty() throws {
        var config = ImageConfig(platform: Platform(os: "linux", architecture: "amd64"))
        #expect(
            String(decoding: try CanonicalJSON.encode(config), as: UTF8.self)
                == #"{"architecture":"amd64","config":{},"os":"linux","rootfs":{"diff_ids":[],"type":"layers"}}"#)
        config.config.exposedPorts = ["80/tcp", "443/tcp", "80/tcp"]
        config.config.volumes = ["/data"]
        config.config.healthcheck = Healthcheck(test: ["CMD", "true"], interval: 5_000_000_000)
        config.config.shell = ["/bin/bash", "-c"]
        config.config.stopTimeout = 3
        config.history = [History(createdBy: "RUN a/b", emptyLayer: false)]
        let text = String(decoding: try CanonicalJSON.encode(config), as: UTF8.self)
        #expect(text.contains(#""ExposedPorts":{"443/tcp":{},"80/tcp":{}}"#))
        #expect(text.contains(#""Volumes":{"/data":{}}"#))
        #expect(text.contains(#""Healthcheck":{"Interval":5000000000,"Test":["CMD","true"]}"#))
        #expect(text.contains(#""history":[{"created_by":"RUN a/b"}]"#))
        let back = try CanonicalJSON.decode(ImageConfig.self, from: Array(text.utf8))
        #expect(back.config.exposedPorts == ["443/tcp", "80/tcp"])
        #expect(back.config.stopTimeout == 3)
        #expect(try CanonicalJSON.encode(back) == Array(text.utf8))
    }

    @Test func nullsAsDockerWritesThem() throws {
        let text = #"""
            {"architecture":"amd64","os":"linux","history":null,"container":"x","rootfs":{"type":"layers","diff_ids":null},
             "config":{"Hostname":"","Env":null,"Cmd":null,"Image":"","Volumes":null,"ExposedPorts":null,"Labels":null,
             "Entrypoint":null,"OnBuild":null,"Shell":null,"Healthcheck":null,"WorkingDir":"/w","AttachStdin":false}}
            """#
        let config = try CanonicalJSON.decode(ImageConfig.self, from: Array(text.utf8))
        #expect(config.config == ContainerConfig(workingDirectory: "/w"))
        #expect(config.rootfs.diffIDs.isEmpty && config.history.isEmpty)
    }

    @Test(arguments: [
        (#"{"schemaVersion":2,"config":D,"layers":[],"manifests":[]}"#, SpecError.Code.documentAmbiguous),
        (#"{"schemaVersion":2,"config":D,"layers":[],"Layers":[]}"#, .documentAmbiguous),
        (#"{"schemaVersion":2,"config":D,"layers":[],"l\u0061yers":[]}"#, .documentAmbiguous),
        (#"{"schemaVersion":2,"config":D,"layers":[],"layer\u017F":[]}"#, .documentAmbiguous),
        ("{\"schemaVersion\":2,\"config\":D,\"layers\":[],\"layer\u{17F}\":[]}", .documentAmbiguous),
        (#"{"schemaVersion":2,"config":D,"layers":[],"k":1,"\u212a":1}"#, .documentAmbiguous),
        (#"{"schemaVersion":2,"config":D,"layers":[],"annotations":{"a\tb":"","a\u0009b":""}}"#, .documentAmbiguous),
        ("{\"annotations\":{\"\u{1F600}\":\"\",\"\\ud83d\\uDE00\":\"\"}}", .documentAmbiguous),
        (#"{"annotations":{"\ud83d":""}}"#, .documentSyntax), (#"{"annotations":{"\u+041":""}}"#, .documentSyntax),
        (#"{"annotations":{"\x41":""}}"#, .documentSyntax),
        (#"{"schemaVersion":1,"config":D,"layers":[]}"#, .documentContent),
        (#"{"schemaVersion":2,"layers":[]}"#, .documentContent),
        (
            #"{"schemaVersion":2,"config":D,"layers":[],"mediaType":"application/vnd.oci.image.index.v1+json"}"#,
            .documentContent
        ),
        ("\u{FEFF}{}", .documentEncoding),
        ("{\"a\":1", .documentSyntax),
        ("{} {}", .documentSyntax),
        (String(repeating: "[", count: 100_000), .documentSyntax),
    ])
    func refusedManifests(_ text: String, _ code: SpecError.Code) {
        let text = String(
            text.split(separator: "D,", omittingEmptySubsequences: false).joined(separator: Self.descriptor + ","))
        let error = #expect(throws: SpecError.self) { try manifest(text) }
        #expect(error?.code == code, "\(text.prefix(200))")
    }

    @Test(arguments: ["-1", "1e3", "1.5", "9223372036854775808", "\"1\"", "null"])
    func refusedSizes(_ size: String) {
        let text = #"{"mediaType":"a/b","digest":"\#(Self.digest)","size":\#(size)}"#
        #expect(throws: SpecError.self) { try CanonicalJSON.decode(Descriptor.self, from: Array(text.utf8)) }
    }

    @Test func refusesOtherEncodingsAndGreatLength() {
        let utf16 = "{}".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        #expect(throws: SpecError.self) { try CanonicalJSON.decode(ImageIndex.self, from: utf16) }
        #expect(throws: SpecError.self) { try CanonicalJSON.decode(ImageIndex.self, from: [0x22, 0xFF, 0x22]) }
        let long = [UInt8](repeating: 0x20, count: CanonicalJSON.defaultLimit + 1)
        let error = #expect(throws: SpecError.self) { try CanonicalJSON.decode(ImageIndex.self, from: long) }
        #expect(error?.code == .documentTooLarge)
    }

    @Test func labelsMayDifferInCaseOnly() throws {
        let text = #"{"config":{"Labels":{"a":"1","A":"2"}},"architecture":"x","os":"y"}"#
        let config = try CanonicalJSON.decode(ImageConfig.self, from: Array(text.utf8))
        #expect(config.config.labels == ["a": "1", "A": "2"])
    }
}
