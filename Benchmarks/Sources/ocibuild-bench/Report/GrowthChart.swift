/// Growth curves, each a panel with two logarithmic axes: a line that goes up by as much as to the right is linear.
struct GrowthChart {
    let curves: [Curve]

    var svg: String {
        let (width, height) = (420.0, 290.0)
        let rows = (curves.count + 1) / 2
        var drawing = SVGDocument(width: 2 * width, height: Double(max(rows, 1)) * height)
        for (index, curve) in curves.enumerated() {
            draw(curve, Double(index % 2) * width, Double(index / 2) * height, &drawing)
        }
        return drawing.description
    }

    private func draw(_ curve: Curve, _ x: Double, _ y: Double, _ drawing: inout SVGDocument) {
        let points = curve.lines.flatMap(\.points)
        let across = LogScale(points.map { Double($0.amount) }, start: x + 52, end: x + 400)
        let up = LogScale(points.map(\.seconds.median), start: y + 236, end: y + 52)
        drawing.text(curve.title, x + 10, y + 18, style: "strong")
        drawing.text(curve.unit, across.end, y + 270, anchor: .end, style: "muted")
        drawing.text("seconds", x + 10, y + 272, style: "muted")
        for mark in across.marks {
            drawing.line(across.place(mark), up.start, across.place(mark), up.end)
            drawing.text(Self.short(mark), across.place(mark), y + 253, anchor: .middle, style: "muted")
        }
        for mark in up.marks {
            drawing.line(across.start, up.place(mark), across.end, up.place(mark))
            drawing.text(mark.significant, across.start - 6, up.place(mark) + 4, anchor: .end, style: "muted")
        }
        var right = x + 10
        for (index, line) in curve.lines.enumerated() {
            drawing.path(
                line.points.map { (across.place(Double($0.amount)), up.place($0.seconds.median)) }, colour: index)
            for point in line.points {
                drawing.circle(
                    across.place(Double(point.amount)), up.place(point.seconds.median), radius: 3, colour: index,
                    title: "\(line.name), \(point.amount) \(curve.unit): \(point.seconds.text) s")
            }
            drawing.circle(right + 5, y + 34, radius: 4, colour: index, title: line.name)
            drawing.text(line.name, right + 13, y + 38)
            right += 26 + Double(line.name.count) * 6.4
        }
    }

    private static func short(_ value: Double) -> String {
        value >= 1000 ? "\(Int((value / 1000).rounded()))k" : String(Int(value.rounded()))
    }
}
