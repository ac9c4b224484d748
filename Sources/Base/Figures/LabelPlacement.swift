// The places of labels: beside the ends of curves, and along horizontal lines.

/// Labels right of a plot, each beside the end of its curve.
enum EndLabels {
  /// A label at its place.
  struct Label {
    let text: String

    /// The height of the curve's end.
    let end: Double

    /// The height of the text's middle.
    var middle: Double

    let color: Color
  }

  /// The distance from the plot to the texts; a short line connects a curve and its label.
  static let gap = 12.0

  /// The widest label that fits beside a plot.
  private static let widthLimit = 110.0

  /// The largest distance between a curve's end and its label.
  private static let shiftLimit = 34.0

  /// Places labels without overlaps; an empty label has no place.
  ///
  /// - Returns: `nil` where they do not fit: if a curve ends left of the plot's edge, if a label is too wide or too far
  ///   from its curve, or if there are too many labels.
  static func places(
    of labels: [(text: String, end: (x: Double, y: Double)?, color: Color)], in frame: Frame,
    on canvas: Canvas
  ) -> [Label]? {
    var placed: [Label] = []
    for (text, end, color) in labels where !text.isEmpty {
      guard let end, end.x > frame.right - 3,
        canvas.width(of: text, font: Style.label) <= widthLimit
      else { return nil }
      placed.append(Label(text: text, end: end.y, middle: end.y, color: color))
    }
    let order = placed.indices.sorted { (placed[$0].end, -$0) < (placed[$1].end, -$1) }
    let heights = spread(
      order.map { placed[$0].end }, distance: Style.labelLine,
      within: frame.top + 3...frame.bottom - 3)
    guard let heights else { return nil }
    for (index, middle) in zip(order, heights) {
      guard abs(placed[index].end - middle) <= shiftLimit else { return nil }
      placed[index].middle = middle
    }
    return placed
  }

  /// Ascending heights, moved as little as possible, with a least distance between neighbors.
  ///
  /// Heights that are too near form a group, which is centered at the mean of its members.
  ///
  /// - Returns: `nil` where the range has too little room.
  static func spread(_ heights: [Double], distance: Double, within range: ClosedRange<Double>)
    -> [Double]?
  {
    let room = range.upperBound - range.lowerBound
    guard Double(heights.count - 1) * distance <= room else { return nil }
    var groups: [(sum: Double, count: Int)] = []
    func start(_ group: (sum: Double, count: Int)) -> Double {
      let length = Double(group.count - 1) * distance
      let ideal = group.sum / Double(group.count) - length / 2
      return min(max(ideal, range.lowerBound), range.upperBound - length)
    }
    for height in heights {
      groups.append((height, 1))
      while groups.count > 1 {
        let (last, previous) = (groups[groups.count - 1], groups[groups.count - 2])
        guard start(last) < start(previous) + Double(previous.count) * distance else { break }
        groups.removeLast(2)
        groups.append((previous.sum + last.sum, previous.count + last.count))
      }
    }
    return groups.flatMap { group in
      (0..<group.count).map { start(group) + Double($0) * distance }
    }
  }
}

/// Labels of horizontal lines, inside the plot.
enum LineLabels {
  /// A label at its place.
  struct Label {
    let text: String
    let x: Double
    let baseline: Double
    let color: Color
  }

  /// Places each label above or below its line, where the fewest curves, lines and other labels cross it.
  static func places(
    of labels: [(text: String, y: Double, color: Color)],
    avoiding curves: [[(x: Double, y: Double)]], in frame: Frame, on canvas: Canvas
  ) -> [Label] {
    let lines = labels.map { frame.vertical($0.y) }
    var boxes: [Box] = []
    var placed: [Label] = []
    for (index, label) in labels.enumerated() {
      let width = canvas.width(of: label.text, font: Style.small)
      let height = Style.small.size
      let fractions = [1, 0, 0.5, 0.75, 0.25]
      var best: (cost: Double, box: Box)?
      for (rank, fraction) in fractions.enumerated() {
        for isBelow in [false, true] {
          let left = frame.left + 4 + fraction * (frame.right - frame.left - 8 - width)
          let top = isBelow ? lines[index] + 2.5 : lines[index] - 2.5 - height
          let box = Box(left: left, top: top, width: width, height: height)
          var cost = 0.5 * Double(rank) + (isBelow ? 0.2 : 0)
          for curve in curves { cost += 3 * box.length(of: curve) / width }
          for (other, y) in lines.enumerated() where other != index && box.spans(y) { cost += 3 }
          cost += 100 * Double(boxes.count(where: box.overlaps))
          if top < frame.top || top + height > frame.bottom { cost += 1000 }
          if cost < best?.cost ?? .infinity { best = (cost, box) }
        }
      }
      guard let best else { continue }
      boxes.append(best.box)
      placed.append(
        Label(
          text: label.text, x: best.box.left, baseline: best.box.top + height - 1.3,
          color: label.color))
    }
    return placed
  }

  /// A rectangle around a text.
  private struct Box {
    let left: Double
    let top: Double
    let width: Double
    let height: Double

    func spans(_ y: Double) -> Bool { top - 1 < y && y < top + height + 1 }

    func overlaps(_ other: Box) -> Bool {
      left < other.left + other.width + 4 && other.left < left + width + 4
        && top < other.top + other.height && other.top < top + height
    }

    /// The horizontal extent of the parts of a polyline inside the rectangle.
    func length(of curve: [(x: Double, y: Double)]) -> Double {
      var length = 0.0
      for (start, end) in zip(curve, curve.dropFirst()) {
        let low = max(start.x, left)
        let high = min(end.x, left + width)
        guard low < high else { continue }
        let steps = max(1, Int((high - low) / 2))
        for step in 0..<steps {
          let x = low + (high - low) * (Double(step) + 0.5) / Double(steps)
          let y = start.y + (end.y - start.y) * (x - start.x) / (end.x - start.x)
          if spans(y) { length += (high - low) / Double(steps) }
        }
      }
      return length
    }
  }
}
