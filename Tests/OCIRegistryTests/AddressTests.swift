import OCIRegistry
import Testing

@Suite("Addresses")
struct AddressTests {
    @Test("Relative and absolute locations, the query kept")
    func relative() throws {
        let base = try WebAddress(parsing: "https://Registry.Example:5000/v2/a/blobs/uploads/?x=1")
        #expect(base.origin.host == "registry.example")
        #expect(base.origin.authority == "registry.example:5000")
        #expect(
            try WebAddress(parsing: "/v2/b?state=a%2Fb", relativeTo: base).text
                == "https://registry.example:5000/v2/b?state=a%2Fb")
        #expect(
            try WebAddress(parsing: "sess", relativeTo: base).text
                == "https://registry.example:5000/v2/a/blobs/uploads/sess")
        #expect(try WebAddress(parsing: "//other/p", relativeTo: base).text == "https://other/p")
        #expect(try WebAddress(parsing: "http://h:80/p#f", relativeTo: base).text == "http://h/p")
        #expect(try WebAddress(parsing: "https://h/p?a=1").adding(query: "digest=x").text == "https://h/p?a=1&digest=x")
        #expect(try WebAddress(parsing: "https://h/p").adding(query: "digest=x").text == "https://h/p?digest=x")
    }

    @Test(
        "What is not an address for us",
        arguments: [
            "file:///etc/passwd", "ftp://h/", "https://user@h/", "https://user:secret@h/", "https://", "gopher://h/",
            "",
            "https://h:99999/", "https://h/\r\nX: y", "http://[::1", "https://:secret@h/",
        ])
    func refused(text: String) {
        let error = #expect(throws: RegistryError.self) { try WebAddress(parsing: text) }
        #expect(error?.description.contains("secret") == false)
    }

    @Test("Messages show no query")
    func description() throws {
        let address = try WebAddress(parsing: "https://h/p?X-Amz-Signature=secret")
        #expect("\(address)" == "https://h/p")
    }

    @Test(
        "Kinds of addresses",
        arguments: [
            ("registry.example", AddressClass.name), ("8.8.8.8", .global), ("10.1.2.3", .private),
            ("172.31.0.1", .private), ("172.32.0.1", .global), ("192.168.0.1", .private), ("100.64.0.1", .private),
            ("127.9.9.9", .loopback), ("localhost", .loopback), ("a.localhost", .loopback), ("0.0.0.0", .unspecified),
            ("169.254.169.254", .linkLocal), ("[::1]", .loopback), ("::", .unspecified), ("[fe80::1]", .linkLocal),
            ("[fe80::1%25eth0]", .linkLocal), ("[fd00::1]", .private), ("[::ffff:169.254.169.254]", .linkLocal),
            ("[::ffff:127.0.0.1]", .loopback), ("[2001:db8::1]", .global), ("255.255.255.255", .unspecified),
        ])
    func kinds(host: String, expected: AddressClass) {
        #expect(AddressClass(host: host) == expected)
    }

    @Test("Odd spellings of an address are read as libcurl reads them")
    func spellings() throws {
        for text in ["http://0x7f.1/", "http://2130706433/", "http://0177.0.0.1/"] {
            #expect(AddressClass(host: try WebAddress(parsing: text).origin.host) == .loopback)
        }
    }

    @Test("Docker Hub's names, and plain http only when asked for")
    func endpoints() throws {
        let hub = try RegistryEndpoint(domain: "docker.io", plainHTTP: [], insecure: [])
        #expect(hub.origin == WebAddress.Origin(scheme: "https", host: "registry-1.docker.io", port: 443))
        let local = try RegistryEndpoint(domain: "localhost:5000", plainHTTP: [], insecure: [])
        #expect(local.origin.scheme == "https")
        let plain = try RegistryEndpoint(domain: "localhost:5000", plainHTTP: ["localhost:5000"], insecure: [])
        #expect(plain.origin == WebAddress.Origin(scheme: "http", host: "localhost", port: 5000))
        for domain in ["a/b", "user@host", "host?x", "host#x", ""] {
            #expect(throws: RegistryError.self) { try RegistryEndpoint(domain: domain, plainHTTP: [], insecure: []) }
        }
    }

    @Test("Proxies from the environment; the machine itself is reached directly")
    func proxies() throws {
        let settings = ProxySettings(environment: [
            "HTTPS_PROXY": "http://upper:1", "http_proxy": "http://plain:2", "NO_PROXY": "corp.example",
        ])
        #expect(settings.proxy(for: try WebAddress(parsing: "https://h/").origin) == "http://upper:1")
        #expect(settings.proxy(for: try WebAddress(parsing: "http://h/").origin) == "http://plain:2")
        #expect(settings.proxy(for: try WebAddress(parsing: "https://localhost:5000/").origin) == nil)
        #expect(settings.proxy(for: try WebAddress(parsing: "https://127.0.0.1/").origin) == nil)
        #expect(settings.exceptions == "corp.example")
    }
}
