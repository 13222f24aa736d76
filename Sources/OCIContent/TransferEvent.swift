import OCISpec

/// What happens to one blob during a copy.
public enum TransferEvent: Sendable {
    /// The copy will consider this blob; all are announced before the first is transferred.
    case planned(Descriptor)
    /// The target has it already, or it is a foreign layer that the source does not hold.
    case skipped(Descriptor)
    /// So many bytes have arrived, in all.
    case progress(Descriptor, completed: Int64)
    /// It is there.
    case finished(Descriptor)
}
