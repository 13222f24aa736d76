import CCurl

/// libcurl itself, which this program loads when it first has an address to look at.
enum CurlLibrary {
    /// Makes sure that libcurl is there; everything that calls it comes after this.
    static func load() throws(RegistryError) {
        guard let reason = ccurl_load() else { return }
        throw RegistryError(
            code: "TRANSPORT", subject: "libcurl",
            message: "is needed to talk to registries and cannot be loaded: \(String(cString: reason))",
            nextStep: "install it, on Debian by \"apt-get install libcurl4\"")
    }
}
