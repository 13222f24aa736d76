import OCISpec

extension Console {
    /// Prints a value as one line of JSON on standard output.
    func print(json value: some Encodable) throws {
        print(bytes: try CanonicalJSON.encode(value) + [UInt8(ascii: "\n")])
    }
}
