/// A drawing, readable on light and on dark pages.
struct SVGDocument {
    /// How a text lies to its point.
    enum Anchor: String {
        case start, middle, end
    }

    let width: Double
    let height: Double
    private var elements: [String] = []

    /// Colours that stand out from white and from black alike; the first is ours.
    static let colours = ["#2f81f7", "#d4762a", "#8f6ee0", "#2da44e", "#d6409f", "#b08800", "#768390", "#c93c37"]

    init(width: Double, height: Double) {
        self.width = width
        self.height = height
    }

    mutating func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, style: String = "grid") {
        elements.append("<line class=\"\(style)\" x1=\"\(n(x1))\" y1=\"\(n(y1))\" x2=\"\(n(x2))\" y2=\"\(n(y2))\"/>")
    }

    mutating func circle(_ x: Double, _ y: Double, radius: Double, colour: Int, title: String) {
        elements.append(
            "<circle cx=\"\(n(x))\" cy=\"\(n(y))\" r=\"\(n(radius))\" fill=\"\(Self.colour(colour))\"><title>\(escaped(title))</title></circle>"
        )
    }

    mutating func path(_ points: [(x: Double, y: Double)], colour: Int) {
        let list = points.map { "\(n($0.x)),\(n($0.y))" }.joined(separator: " ")
        elements.append(
            "<polyline points=\"\(list)\" fill=\"none\" stroke=\"\(Self.colour(colour))\" stroke-width=\"2\"/>")
    }

    mutating func text(_ text: String, _ x: Double, _ y: Double, anchor: Anchor = .start, style: String = "") {
        let name = style.isEmpty ? "" : " class=\"\(style)\""
        elements.append(
            "<text\(name) x=\"\(n(x))\" y=\"\(n(y))\" text-anchor=\"\(anchor.rawValue)\">\(escaped(text))</text>")
    }

    /// The whole file.
    var description: String {
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(n(width)) \(n(height))" width="\(n(width))" height="\(n(height))" role="img">
        <style>
        text { font: 12px system-ui, sans-serif; fill: #1f2328 }
        .muted { fill: #59636e } .strong { font-weight: 600 } .grid { stroke: #d1d9e0 }
        @media (prefers-color-scheme: dark) { text { fill: #f0f6fc } .muted { fill: #9198a1 } .grid { stroke: #3d444d } }
        </style>
        \(elements.joined(separator: "\n"))
        </svg>

        """
    }

    static func colour(_ index: Int) -> String { colours[index % colours.count] }

    private func n(_ value: Double) -> String {
        let text = value.fixed(1)
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    private func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing("\"", with: "&quot;")
    }
}
