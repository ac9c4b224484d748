// A layout as it is typed.

public import ArgumentParser
public import Initializers

extension TensorLayout: ExpressibleByArgument {
  /// Reads the name of a layout that a file can have; `nil` for any other text.
  public init?(argument: String) {
    guard let layout = Self.ofFiles.first(where: { $0.rawValue == argument }) else { return nil }
    self = layout
  }

  /// The names, for help and completions.
  public static var allValueStrings: [String] { ofFiles.map(\.rawValue) }
}
