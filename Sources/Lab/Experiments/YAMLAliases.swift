// How large a text becomes through its aliases, before the parser multiplies it out.

internal import Yams

/// Counts the nodes of a YAML text with every alias replaced by what it stands for.
///
/// The parser compares the keys of a table node by node, so a key that is an alias of aliases can take it hours. The
/// count is made on a text of the same structure that has none: an anchor `&a` is turned into the tag `!a`, an alias `*a`
/// into the text `~a`.
struct YAMLAliases {
  /// The most nodes of an experiment's text.
  static let nodeLimit = 1e6

  private var sizes: [String: Double] = [:]

  /// Counts the nodes.
  ///
  /// - Parameter source: YAML.
  /// - Returns: 0 for a text without anchors.
  /// - Throws: `YamlError` for a text that is not YAML, or has a tag beside an anchor.
  static func nodeCount(of source: String) throws -> Double {
    guard source.contains("&") else { return 0 }
    let plain = source.replacing("&", with: "!").replacing("*", with: "~")
    guard let node = try Yams.compose(yaml: plain) else { return 0 }
    var aliases = YAMLAliases()
    return aliases.size(of: node)
  }

  /// In the order of the text: an alias stands for the latest node of its name.
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
