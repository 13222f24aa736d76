/// The ports of EXPOSE.
enum PortSpec {
    /// What is wrong with a port, in words.
    struct Invalid: Error {
        let message: String
    }

    /// Reads "80", "80/udp", "8000-8010/tcp"; as "port/protocol", each once. What Docker reads as a host address or
    /// port before ":" has no place in an image and is dropped; `hadHostPart` says so.
    static func ports(_ text: ByteText) throws(Invalid) -> (ports: [String], hadHostPart: Bool) {
        let parts = text.split(separator: .slash, maxSplits: 1, omittingEmptySubsequences: false)
        let transport = parts.count == 2 ? parts[1].lowercased.string : "tcp"
        guard ["tcp", "udp", "sctp"].contains(transport) else {
            throw Invalid(message: "\"\(transport)\" is no protocol of a port; tcp, udp and sctp are")
        }
        let numbers = parts[0].split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        let range = (numbers.last ?? []).split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        let ends = range.compactMap { Int($0.string) }
        guard ends.count == range.count, (1...2).contains(ends.count), ends.allSatisfy({ (0...65_535).contains($0) }),
            ends[0] <= ends[ends.count - 1]
        else {
            throw Invalid(
                message: "\"\(text.string)\" is no port; write a number up to 65535 or a range such as 8000-8010, "
                    + "and /udp where it is not TCP")
        }
        return ((ends[0]...ends[ends.count - 1]).map { "\($0)/\(transport)" }, numbers.count > 1)
    }
}
