/// The numbers that the program ends with. A failed RUN passes its own on.
enum ExitStatus {
    static let success: Int32 = 0
    /// The command line cannot be understood.
    static let usage: Int32 = 2
    /// ocibuild itself failed.
    static let builder: Int32 = 125
    /// Interrupted; the program ends with 128 and the number of the signal, which for SIGINT is the same.
    static let interrupted: Int32 = 130
}
