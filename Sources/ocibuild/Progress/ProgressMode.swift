/// How progress is shown.
enum ProgressMode: String, CaseIterable, Sendable {
    case auto, tty, plain, json, quiet

    /// The view for standard error.
    func view(on console: Console) -> any ProgressView {
        let emit: @Sendable (String) -> Void = { Console.write(Array($0.utf8), to: 2) }
        switch self {
        case .tty: return live(console, emit)
        case .auto: return console.error.isLive ? live(console, emit) : plain(console, emit)
        case .plain: return plain(console, emit)
        case .json: return JSONProgress(emit: emit)
        case .quiet: return QuietProgress(emit: emit)
        }
    }

    private func live(_ console: Console, _ emit: @escaping @Sendable (String) -> Void) -> any ProgressView {
        let view = TerminalProgress(style: console.style, size: { Console.terminalSize(of: 2) }, emit: emit)
        view.start()
        return view
    }

    private func plain(_ console: Console, _ emit: @escaping @Sendable (String) -> Void) -> any ProgressView {
        let groups = console.variable("GITHUB_ACTIONS") == "true"
        return PlainProgress(style: console.style, groups: groups, emit: emit)
    }
}
