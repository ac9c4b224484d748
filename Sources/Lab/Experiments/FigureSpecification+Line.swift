// A line across a figure.

extension FigureSpecification {
  /// A horizontal line.
  public struct Line: Equatable, Sendable {
    /// Its entry in the legend, with `{y}` for where it stands.
    public let label: String

    /// Where it stands.
    public let y: Claim.Bound

    /// The name of its color.
    public let color: String

    /// Dashed or solid.
    public let isDashed: Bool

    static let keys = ["label", "y", "color", "dashed"]

    init(label: String, y: Claim.Bound, color: String, isDashed: Bool) {
      self.label = label
      self.y = y
      self.color = color
      self.isDashed = isDashed
    }

    init(_ value: YAMLValue) throws(ExperimentError) {
      let mapping = try value.mapping(known: Self.keys)
      label = try mapping.required("label").template(of: ["y"])
      y = try mapping.required("y").bound()
      isDashed = try mapping["dashed"]?.bool() ?? false
      color = try mapping["color"]?.choice(of: FigureSpecification.lineColors) ?? "black"
    }
  }
}
