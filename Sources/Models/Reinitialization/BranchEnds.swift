// Guesses the last weights of residual branches in models of unknown families.

import ZerOCheckpoints
import ZerOInitializers

/// Finds weights that are probably the last ones of residual branches, by the names in repeated
/// blocks.
enum BranchEnds {
  /// A weight in a numbered block.
  private struct Member {
    /// The name before the block's number, without digits, so `layer1` and `layer2` are of one
    /// kind.
    let kind: String

    /// The name up to the block's number.
    let block: String

    /// The modules within the block.
    let path: [Substring]

    /// The name within the block, as in the file.
    let ending: String

    let outputs: Int
    let inputs: Int
  }

  /// Usual names of the last matrix in attention and feed-forward branches.
  private static let lastNames: Set<Substring> = [
    "proj", "c_proj", "out_proj", "o_proj", "wo", "o", "out", "to_out", "out_lin", "down_proj",
    "w2", "fc2", "linear2", "lin2", "project_out",
  ]

  /// Modules of the shortcut, which are not part of a branch.
  private static let shortcuts: Set<Substring> = ["downsample", "shortcut", "skip", "identity"]

  /// Patterns for weights that probably end a residual branch.
  ///
  /// A block is a numbered module with several weights, of which there are at least two. The end of
  /// a branch has as many outputs as the branch has inputs. It is either the last of numbered
  /// names, such as `c1` and `c2`, or has one of the usual names.
  ///
  /// - Parameter weights: The weights without a family's rule.
  /// - Returns: One pattern per name within a block, in the order of the file; none if there are no
  ///   blocks.
  static func patterns(among weights: [Assignment]) -> [String] {
    let members = members(of: weights)
    let blocks = Dictionary(grouping: members, by: \.block)
    let counts = Dictionary(grouping: blocks.values.compactMap(\.first), by: \.kind)
    var endings: [String] = []
    for member in members where (counts[member.kind]?.count ?? 0) > 1 {
      guard let block = blocks[member.block], !endings.contains(member.ending) else { continue }
      if isEnd(member, of: block) { endings.append(member.ending) }
    }
    return endings.map { "*" + $0 }
  }

  private static func members(of weights: [Assignment]) -> [Member] {
    let names = weights.map { TensorName($0.tensor.name) }
    var counts: [String: Int] = [:]
    for name in names { for block in blocks(of: name) { counts[block.name, default: 0] += 1 } }
    return zip(weights, names).compactMap { weight, name in
      guard let block = blocks(of: name).last(where: { counts[$0.name] ?? 0 > 1 }) else {
        return nil
      }
      let dimensions = weight.layout.torchShape(of: weight.tensor.shape)
      return Member(
        kind: block.name.filter { !$0.isNumber }, block: block.name,
        path: name.parts[block.parts...].dropLast(),
        ending: String(name.plain.dropFirst(block.name.count)), outputs: dimensions[0],
        inputs: dimensions[1])
    }
  }

  /// The numbered modules that contain a tensor, outermost first, and the number of parts in their
  /// names.
  private static func blocks(of name: TensorName) -> [(name: String, parts: Int)] {
    var (length, blocks): (Int, [(String, Int)]) = (0, [])
    for (place, part) in name.parts.dropLast().enumerated() {
      length += part.count + (place == 0 ? 0 : 1)
      if Int(part) != nil { blocks.append((String(name.plain.prefix(length)), place + 1)) }
    }
    return blocks
  }

  private static func isEnd(_ member: Member, of block: [Member]) -> Bool {
    guard !member.path.contains(where: shortcuts.contains) else { return false }
    let part = block.filter { $0.path.first == member.path.first }
    let others = part.count > 1 ? part : block
    if member.path.contains(where: lastNames.contains) {
      return others.contains { $0.inputs == member.outputs && $0.ending != member.ending }
    }
    guard let (stem, number) = numbered(member) else { return false }
    let siblings = others.compactMap { other in
      numbered(other).flatMap { $0.stem == stem ? (number: $0.number, member: other) : nil }
    }
    guard siblings.count > 1, let first = siblings.min(by: { $0.number < $1.number }) else {
      return false
    }
    return number == siblings.map(\.number).max() && first.member.inputs == member.outputs
  }

  /// The name within the block and its final number: `c` and 2 for `c2`.
  private static func numbered(_ member: Member) -> (stem: String, number: Int)? {
    let path = member.path.joined(separator: ".")
    let digits = String(path.reversed().prefix { $0.isASCII && $0.isNumber }.reversed())
    return Int(digits).map { (String(path.dropLast(digits.count)), $0) }
  }
}
