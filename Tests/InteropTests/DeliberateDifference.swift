/// Where ocibuild means to differ from buildah 1.28, and why. An entry that no longer occurs is a failure too.
struct DeliberateDifference: Sendable {
    /// The fixture; nil for all of them.
    let fixture: String?
    /// What differs: a `Difference`'s subject, or the beginning of one where it ends in "*".
    let subject: String
    let reason: String

    func covers(_ difference: Difference, in name: String) -> Bool {
        guard fixture == nil || fixture == name else { return false }
        return subject.last == "*" ? difference.subject.hasPrefix(subject.dropLast()) : difference.subject == subject
    }

    static let all: [DeliberateDifference] = [
        Self(
            fixture: nil, subject: "config.Labels.io.buildah.version",
            reason: "buildah signs its images; we add no label that nobody asked for")
    ]
}
