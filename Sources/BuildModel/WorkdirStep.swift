/// Makes a directory, and its missing parents, on the parent tree (`inputs[0]`); no layer where it exists already.
package struct WorkdirStep: Hashable, Sendable {
    /// Absolute path.
    package var path: String
    /// Who owns directories that the step makes, as USER spells it; empty means root.
    package var user: String

    /// Makes a step that makes `path`.
    package init(path: String, user: String = "") {
        self.path = path
        self.user = user
    }
}
