// The size of a text with its aliases expanded, computed before the parser expands them.

internal import Yams

/// Counts the nodes of a YAML text with all aliases expanded.
///
/// The parser compares the keys of a table node by node, which can take hours for nested aliases. The nodes are counted
/// in a text of the same structure without aliases: an anchor `&a` becomes the tag `!a`, an alias `*a` the text `~a`.
struct YAMLAliases {
  /// The limit on the nodes of an experiment.
  static let nodeLimit = 1e6

  private var sizes: [String: Double] = [:]

  /// Counts the nodes.
  ///
  /// - Parameter source: YAML.
  /// - Returns: 0 for a text without anchors.
  /// - Throws: `YamlError` for a text that is not YAML, or with a tag and an anchor at one node.
  static func nodeCount(of source: String) throws -> Double {
    guard source.contains("&") else { return 0 }
    let plain = source.replacing("&", with: "!").replacing("*", with: "~")
    guard let node = try Yams.compose(yaml: plain) else { return 0 }
    var aliases = YAMLAliases()
    return aliases.size(of: node)
  }

  /// Counts in the order of the text: an alias refers to the latest node with its name.
  private mutating func size(of node: Node) -> Double {
    var size = 1.0
    switch node {
    case .scalar(let scalar):
      if scalar.string.hasPrefix("~"), let known = sizes[String(scalar.string.dropFirst())] {
        size = known
      }
    case .sequence(let elements):
      for element in elements { size += self.size(of: element) }
    case .mapping(let pairs):
      for (key, value) in pairs { size += self.size(of: key) + self.size(of: value) }
    case .alias: break
    }
    let tag = node.tag.description
    if tag.hasPrefix("!") { sizes[String(tag.dropFirst())] = size }
    return size
  }
}
