import Glibc

/// The processors of the machine.
package enum Processors {
    /// How many are running; at least 1.
    package static let count = max(1, sysconf(CInt(_SC_NPROCESSORS_ONLN)))
}
