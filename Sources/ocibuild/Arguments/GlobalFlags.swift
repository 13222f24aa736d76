/// The options that every verb takes.
enum GlobalFlags {
    static let root = Flag.option(
        "root", .path("DIR"), in: .global,
        "Where images, layers and the cache are kept. Default: OCIBUILD_ROOT, else /var/lib/ocibuild for root and "
            + "$XDG_DATA_HOME/ocibuild for others.")

    static let all = [root]
}
