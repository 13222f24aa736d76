import LinuxSystem
import Synchronization

/// The files of this machine that RUN steps are lent. Read when the first command is run, and once: a build without one
/// has no use for them.
package final class HostFiles: Sendable {
    /// The certificate authorities that steps shall trust beside the image's own.
    package enum Authorities: Sendable {
        /// Those that this machine trusts, found as this environment says.
        case machine(environment: [String: String])
        /// These.
        case bundle(CertificateBundle)
        /// None.
        case none
    }

    struct Content: Sendable {
        var resolvConf: [UInt8]
        var hosts: [UInt8]
        var authorities: CertificateBundle?
    }

    private struct State {
        var content: Content?
        /// The image's bundle that was asked for last, and what became of it: steps mostly have the same.
        var joined: (image: CertificateBundle?, result: CertificateBundle?)?
    }

    /// Whether there may be authorities to lend.
    let hasAuthorities: Bool
    private let authorities: Authorities
    private let state = Mutex(State())

    /// Files of this machine, with these authorities; nothing is read yet.
    package init(_ authorities: Authorities) {
        self.authorities = authorities
        hasAuthorities = if case .none = authorities { false } else { true }
    }

    /// What the files hold; blocks when it is asked for first.
    var content: Content {
        state.withLock { state in
            if let content = state.content { return content }
            let content = Content(
                resolvConf: (try? FileSystem.readFile("/etc/resolv.conf", limit: 1 << 20)) ?? [],
                hosts: (try? FileSystem.readFile("/etc/hosts", limit: 1 << 20)) ?? [],
                authorities: bundle)
            state.content = content
            return content
        }
    }

    private var bundle: CertificateBundle? {
        switch authorities {
        case .machine(let environment): .ofHost(environment: environment)
        case .bundle(let bundle): bundle
        case .none: nil
        }
    }

    /// The image's certificates with those of this machine that it lacks; nil where it lacks none.
    func authorities(joining image: CertificateBundle?) -> CertificateBundle? {
        guard let own = content.authorities else { return nil }
        if let joined = state.withLock({ $0.joined }), joined.image == image { return joined.result }
        let result = own.adding(to: image)
        state.withLock { $0.joined = (image, result) }
        return result
    }
}
