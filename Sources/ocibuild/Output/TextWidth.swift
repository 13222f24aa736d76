/// How many columns of a terminal a text takes.
enum TextWidth {
    /// The columns of `text`; colour sequences take none.
    static func columns(_ text: String) -> Int {
        var total = 0
        var inSequence = false
        for scalar in text.unicodeScalars {
            if inSequence {
                inSequence = scalar != "m"
            } else if scalar == "\u{1B}" {
                inSequence = true
            } else {
                total += columns(scalar)
            }
        }
        return total
    }

    /// `text` cut to `width` columns, with an ellipsis where something was cut. Colour sequences are kept.
    static func clip(_ text: String, to width: Int, ellipsis: String = "…") -> String {
        guard columns(text) > width else { return text }
        guard width > 0 else { return "" }
        let room = max(0, width - columns(ellipsis))
        var output = String.UnicodeScalarView()
        var used = 0
        var inSequence = false
        var isFull = false
        for scalar in text.unicodeScalars {
            if inSequence || scalar == "\u{1B}" {
                inSequence = !inSequence || scalar != "m"
                output.append(scalar)
                continue
            }
            let own = columns(scalar)
            if !isFull, used + own <= room {
                output.append(scalar)
                used += own
            } else if !isFull {
                isFull = true
                output.append(contentsOf: ellipsis.unicodeScalars)
            }
        }
        return String(output)
    }

    /// `text` with spaces after it up to `width` columns.
    static func pad(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - columns(text)))
    }

    private static func columns(_ scalar: Unicode.Scalar) -> Int {
        let value = scalar.value
        if value < 0x20 || value == 0x7F { return 0 }
        if value < 0x300 { return 1 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: break
        }
        switch value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
            0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF,
            0x20000...0x3FFFD:
            return 2
        default: return 1
        }
    }
}
