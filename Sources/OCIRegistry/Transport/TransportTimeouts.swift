/// How long a transfer may take to get anywhere. There is no limit on a whole transfer: a large layer over a slow line is
/// fine as long as it moves.
public struct TransportTimeouts: Sendable {
    /// Seconds to establish a connection, TLS included.
    public var connect: Double = 20
    /// A body must advance by `stallRate` bytes a second, looked at over this many seconds.
    public var stallWindow: Double = 30
    /// Bytes a second.
    public var stallRate: Int64 = 1024
    /// Seconds from the end of the request to the end of the answer's header.
    public var response: Double = 120
    /// The same after an upload: registries that keep blobs in object stores copy them before they answer.
    public var commit: Double = 900

    /// The defaults.
    public init() {}
}
