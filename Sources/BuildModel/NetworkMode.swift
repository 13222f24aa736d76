/// Which network a RUN step sees.
package enum NetworkMode: String, Hashable, Sendable, CaseIterable {
    /// The builder's own network.
    case host
    /// Loopback only.
    case none
}
