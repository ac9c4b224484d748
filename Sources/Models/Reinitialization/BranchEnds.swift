// The last weights of residual branches, where no family's rules know them.

import Checkpoints
import Initializers

/// A guess from the names in repeated blocks: which weights are the last ones before a block's input is added.
enum BranchEnds {
  /// A weight in a numbered block.
  private struct Member {
    /// The parts of the name before the block's number, without digits, so that `layer1` and `layer2` are alike.
    let kind: String

    /// The block, up to its number.
    let block: String

    /// The names of modules within the block.
    let path: [Substring]

    /// The name within the block, as in the file.
    let ending: String

    let outputs: Int
    let inputs: Int
  }

  /// Names that attention and feed-forward layers have for the matrix whose outputs are added.
  private static let lastNames: Set<Substring> = [
    "proj", "c_proj", "out_proj", "o_proj", "wo", "o", "out", "to_out", "out_lin", "down_proj",
    "w2", "fc2", "linear2", "lin2", "project_out",
  ]

  /// Modules beside a branch.
  private static let shortcuts: Set<Substring> = ["downsample", "shortcut", "skip", "identity"]

  /// Patterns for the likely ends of branches.
  ///
  /// Blocks are modules with a number that have several weights, of which there are at least two. In a part of one the
  /// end has the outputs that the part has as inputs, and is the last of numbered names, `c1` and `c2`, or has one of
  /// the usual names.
  ///
  /// - Parameter weights: Those that no family's rule is for.
  /// - Returns: One pattern for each name within a block, in the order of the file; none where nothing looks like blocks.
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
      let extents = weight.layout.torchExtents(of: weight.tensor.shape)
      return Member(
        kind: block.name.filter { !$0.isNumber }, block: block.name,
        path: name.parts[block.parts...].dropLast(),
        ending: String(name.plain.dropFirst(block.name.count)), outputs: extents[0],
        inputs: extents[1])
    }
  }

  /// The numbered modules that a tensor is in, outermost first, and how many parts their names have.
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

  /// The name within the block, and the number at its end: `c` and 2 for `c2`.
  private static func numbered(_ member: Member) -> (stem: String, number: Int)? {
    let path = member.path.joined(separator: ".")
    let digits = String(path.reversed().prefix { $0.isASCII && $0.isNumber }.reversed())
    return Int(digits).map { (String(path.dropLast(digits.count)), $0) }
  }
}
