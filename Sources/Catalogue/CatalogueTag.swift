/// The tags of a catalogue's repository. Others in it are none of our business.
package enum CatalogueTag: Hashable, Sendable {
    /// `e-SLOT`: the event at that place of the log, for ever.
    case event(slot: Int)
    /// `p-SLOT-ROUND-WRITER`: a writer asks for the place.
    case promise(slot: Int, Ballot)
    /// `a-SLOT-ROUND-WRITER`: a writer proposes the event that the tag names for the place.
    case accept(slot: Int, Ballot)

    /// The highest place, and the highest round: what their digits can write.
    static let lastSlot = 999_999_999_999
    static let lastRound = 999_999
    private static let slotDigits = 12
    private static let roundDigits = 6

    /// One try of one writer. Tries of one place are ordered; the later one overrules.
    package struct Ballot: Hashable, Comparable, Sendable {
        /// Counted from 1 at each place.
        package let round: Int
        /// Who tries: random, so that no two writers are the same.
        package let writer: String

        /// A try of these parts.
        package init(round: Int, writer: String) {
            self.round = round
            self.writer = writer
        }

        package static func < (left: Ballot, right: Ballot) -> Bool {
            (left.round, left.writer) < (right.round, right.writer)
        }
    }

    /// The tag as it is written.
    package var text: String {
        switch self {
        case .event(let slot): "e-" + Self.padded(slot, Self.slotDigits)
        case .promise(let slot, let ballot): "p-" + Self.text(slot, ballot)
        case .accept(let slot, let ballot): "a-" + Self.text(slot, ballot)
        }
    }

    /// Reads a tag; nil for one that is not of a catalogue, in this very spelling.
    package init?(parsing text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2 || parts.count == 4, let slot = Self.number(parts[1], Self.slotDigits) else {
            return nil
        }
        if parts.count == 2 {
            guard parts[0] == "e" else { return nil }
            self = .event(slot: slot)
            return
        }
        guard let round = Self.number(parts[2], Self.roundDigits), RandomName.isOne(parts[3], RandomName.writerLength)
        else { return nil }
        let ballot = Ballot(round: round, writer: String(parts[3]))
        switch parts[0] {
        case "p": self = .promise(slot: slot, ballot)
        case "a": self = .accept(slot: slot, ballot)
        default: return nil
        }
    }

    private static func text(_ slot: Int, _ ballot: Ballot) -> String {
        "\(padded(slot, slotDigits))-\(padded(ballot.round, roundDigits))-\(ballot.writer)"
    }

    private static func padded(_ number: Int, _ digits: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }

    /// A number from 1 of exactly so many digits.
    private static func number(_ text: Substring, _ digits: Int) -> Int? {
        guard text.utf8.count == digits, text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let number = Int(text),
            number > 0
        else { return nil }
        return number
    }
}
