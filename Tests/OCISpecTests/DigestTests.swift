import OCISpec
import Testing

@Suite struct DigestTests {
    private static let good = String(repeating: "0123456789abcdef", count: 4)

    @Test func acceptsAndPrintsTheSame() throws {
        #expect(try Digest(parsing: "sha256:\(Self.good)").description == "sha256:\(Self.good)")
        #expect(try Digest(parsing: "sha512:\(Self.good)\(Self.good)").algorithm == .sha512)
        #expect(Digest(sha256: [UInt8](repeating: 0xAB, count: 32)).hex == String(repeating: "ab", count: 32))
    }

    private static let bad: [String] = [
        "",
        "sha256",
        "sha256:",
        "sha256:../../x",
        "sha256:\(good.uppercased())",
        "sha256:\(good.dropLast())",
        "sha256:\(good)0",
        "sha1:\(good.prefix(40))",
        "SHA256:\(good)",
        "sha256:\(good.dropLast())g",
        "sha256:\(good.dropLast())/",
        " sha256:\(good)",
        "sha256:\(good)\n",
        "sha256::\(good.dropFirst())",
        "md5:d41d8cd98f00b204e9800998ecf8427e",
        "sha512:\(good)",
        "sha256:\(good.dropLast(2))é",
    ]

    @Test(arguments: bad)
    func refuses(_ text: String) {
        #expect(throws: SpecError.self) { try Digest(parsing: text) }
    }
}
