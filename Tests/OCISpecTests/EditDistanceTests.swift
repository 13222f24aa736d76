import OCISpec
import Testing

@Suite struct EditDistanceTests {
    private func distance(_ left: String, _ right: String, atMost limit: Int = 10) -> Int? {
        EditDistance.between(Array(left.utf8), Array(right.utf8), atMost: limit)
    }

    @Test func edits() {
        #expect(distance("kitten", "sitting") == 3)
        #expect(distance("sitting", "kitten") == 3)
        #expect(distance("ab", "ba") == 1)
        #expect(distance("ca", "abc") == 3)
        #expect(distance("", "abc") == 3)
        #expect(distance("abc", "") == 3)
        #expect(distance("", "") == 0)
        #expect(distance("same", "same", atMost: 0) == 0)
    }

    @Test func moreThanTheLimitIsNone() {
        #expect(distance("kitten", "sitting", atMost: 3) == 3)
        #expect(distance("kitten", "sitting", atMost: 2) == nil)
        #expect(distance("ab", "cd", atMost: 1) == nil)
        #expect(distance("a", "b", atMost: 0) == nil)
        #expect(distance("xxabcdef", "abcdefyy", atMost: 4) == 4)
        #expect(distance("ba", "ab", atMost: 1) == 1)
    }

    @Test func longWordsAreNotCompared() {
        let word = String(repeating: "a", count: 128)
        #expect(distance(word, word) == 0)
        #expect(distance(word + "a", word) == nil)
        #expect(distance(word, word + "a") == nil)
    }
}
