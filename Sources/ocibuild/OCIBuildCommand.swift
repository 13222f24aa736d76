@main
struct OCIBuildCommand {
    static func main() async {}
}
