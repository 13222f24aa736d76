import ImageDefinition
import OCISpec
import Testing

@Suite struct ImageNameTests {
    @Test(
        arguments: [
            ("", "the username is empty"),
            ("My", "the username \"My\" has the capital letter M: lower-case letters, digits and hyphens are allowed"),
            ("my_user", "the username \"my_user\" has the character \"_\""),
            ("my user", "the username \"my user\" has the character \" \""),
            ("jürgen", "the username \"jürgen\" has the character \"ü\""),
            ("a\u{1B}[m", "the username \"a\\u{1B}[m\" has the character number 27"),
            ("-user", "the username \"-user\" starts with a hyphen"),
            ("user-", "the username \"user-\" ends with a hyphen"),
            (String(repeating: "a", count: 64), "has 64 characters; 63 are allowed"),
        ])
    func usernames(_ username: String, _ problem: String) {
        let error = #expect(throws: PlanDocumentError.self) { try Image(username: username, name: "app") }
        #expect(error?.message.contains(problem) == true)
        #expect(error?.place.hasPrefix("ImageDefinitionTests/ImageNameTests.swift:") == true)
        let other = #expect(throws: PlanDocumentError.self) { try Image(username: "me", name: username) }
        #expect(other?.message.contains(problem.replacing("the username", with: "the name")) == true)
    }

    @Test(
        arguments: [
            ("", "the tag is empty"), (".1", "starts with \".\""), ("-1", "starts with \"-\""),
            ("a b", "has the character \" \""), ("1.0+cu121", "has the character \"+\""),
            ("a/b", "has the character \"/\""), (String(repeating: "1", count: 129), "has 129 characters; 128"),
        ])
    func tags(_ tag: String, _ problem: String) {
        let error = #expect(throws: PlanDocumentError.self) { try Image(username: "me", name: "app", tag: tag) }
        #expect(error?.message.contains(problem) == true)
    }

    @Test(
        arguments: [
            "v1.2.3-python3.11-cuda11.8", "latest", "1.0.0", "dev", "feature-new-model", "_x", "A",
            String(repeating: "1", count: 128),
        ])
    func goodTags(_ tag: String) throws {
        let image = try Image(username: "a", name: String(repeating: "b", count: 63), tag: tag)
        #expect(image.reference.tag == tag)
        #expect(image.plan.reference == image.reference)
    }

    @Test func renaming() throws {
        let image = try Image(username: "me", name: "app", tag: "1").fromBase("debian")
        let other = try image.renamed("other", tag: "2")
        #expect((image.name, image.tag) == ("app", "1"))
        #expect(other.reference.familiar == "me/other:2")
        #expect(other.steps == image.steps)
        #expect(throws: PlanDocumentError.self) { try image.renamed("Other") }
        #expect(throws: PlanDocumentError.self) { try image.renamed(tag: "a:b") }
    }
}
