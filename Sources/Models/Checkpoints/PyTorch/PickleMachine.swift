// Reads pickles as data. A pickle is a program for a stack machine of Python; most of its opcodes build values, and a
// few import and call Python code. Here the latter build values too: a name, or a description of the call.

/// A stack machine that builds the values of a pickle and executes nothing.
///
/// Globals are never looked up or called. Every count and index is checked, and `PickleLimits`
/// bound time and memory.
struct PickleMachine {
  /// The values of all pickles that have been read.
  private(set) var graph = PickleGraph()

  private let limits: PickleLimits
  private var stack: [PickleValue] = []
  private var marks: [Int] = []
  private var memo: [Int: PickleValue] = [:]
  private var opcodes = 0
  private var memory = 0

  /// The number of nodes whose entries are complete.
  private var finished = 0

  init(limits: PickleLimits = PickleLimits()) { self.limits = limits }

  /// Reads one pickle.
  ///
  /// - Parameter input: At the first opcode; on return after the last one.
  /// - Returns: The value, whose nodes are in `graph`.
  /// - Throws: `TensorFileError.malformed` for an invalid program, `.exceedsLimit`, `.unreadable`.
  mutating func load(_ input: inout PickleInput) throws(TensorFileError) -> PickleValue {
    (stack, marks, memo) = ([], [], [:])
    while true {
      let place = input.position
      let byte = try input.byte()
      guard let opcode = PickleOpcode(rawValue: byte) else {
        throw input.malformed(
          "byte \(place) of its pickle is \(byte), which is not an opcode of checkpoints")
      }
      opcodes += 1
      try check(opcodes, limits.opcodes, "pickle opcodes", input)
      if opcode == .stop {
        let value = try pop(input)
        try finish(input)
        return value
      }
      try execute(opcode, &input)
    }
  }
}

extension PickleMachine {
  private mutating func execute(_ opcode: PickleOpcode, _ input: inout PickleInput)
    throws(TensorFileError)
  {
    switch opcode {
    case .protocolVersion:
      let version = try input.byte()
      guard version <= 5 else { throw input.malformed("its pickle has the protocol \(version)") }
    case .frame:
      let length = try input.number(bytes: 8)
      guard length <= UInt64(input.remaining) else {
        throw input.malformed(
          "its pickle is truncated: a frame of \(length) bytes, \(input.remaining) are left")
      }
    case .stop: break
    case .mark:
      marks.append(stack.count)
      try check(marks.count, limits.marks, "open marks in its pickle", input)
    case .pop: _ = try pop(input)
    case .popMark: _ = try popItems(input)
    case .duplicate: try push(try top(input), input)
    case .none: try push(.none, input)
    case .newTrue: try push(.bool(true), input)
    case .newFalse: try push(.bool(false), input)
    case .integerLine, .longLine: try push(Self.number(in: try input.line(), input), input)
    case .integer1: try push(.integer(Int(try input.byte())), input)
    case .integer2: try push(.integer(Int(try input.number(bytes: 2))), input)
    case .integer4:
      let bits = UInt32(truncatingIfNeeded: try input.number(bytes: 4))
      try push(.integer(Int(Int32(bitPattern: bits))), input)
    case .long1: try pushLong(UInt64(try input.byte()), &input)
    case .long4: try pushLong(try input.number(bytes: 4), &input)
    case .real8:
      try push(.real(Double(bitPattern: try input.number(bytes: 8).byteSwapped)), input)
    case .string1, .bytes1: try pushBytes(UInt64(try input.byte()), &input)
    case .string4, .bytes4: try pushBytes(try input.number(bytes: 4), &input)
    case .bytes8, .byteArray8: try pushBytes(try input.number(bytes: 8), &input)
    case .unicode1: try pushText(UInt64(try input.byte()), &input)
    case .unicode4: try pushText(try input.number(bytes: 4), &input)
    case .unicode8: try pushText(try input.number(bytes: 8), &input)
    case .emptyTuple: try pushTuple(0, input)
    case .tuple1: try pushTuple(1, input)
    case .tuple2: try pushTuple(2, input)
    case .tuple3: try pushTuple(3, input)
    case .tuple, .frozenSet:
      let items = try popItems(input)
      try push(PickleNode(kind: opcode == .tuple ? .tuple : .list, items: items), input)
    case .emptyList, .emptySet: try push(PickleNode(kind: .list), input)
    case .emptyDictionary: try push(PickleNode(kind: .dictionary), input)
    case .append: try append([try pop(input)], input)
    case .appends, .addItems: try append(try popItems(input), input)
    case .setItem:
      let value = try pop(input)
      try set([try pop(input), value], input)
    case .setItems: try set(try popItems(input), input)
    case .get1: try push(memoized: Int(try input.byte()), input)
    case .get4: try push(memoized: Int(try input.number(bytes: 4)), input)
    case .put1: try memoize(Int(try input.byte()), input)
    case .put4: try memoize(Int(try input.number(bytes: 4)), input)
    case .memoize: try memoize(memo.count, input)
    case .global:
      let (module, name) = (try input.line(), try input.line())
      try push(
        PickleNode(kind: .global, first: .text(module), second: .text(name)), input,
        bytes: module.utf8.count + name.utf8.count)
    case .stackGlobal:
      let name = try pop(input)
      let module = try pop(input)
      guard [module, name].allSatisfy({ ($0.text?.utf8.count ?? 0) <= PickleInput.longestLine })
      else {
        throw input.malformed(
          "a name of more than \(PickleInput.longestLine) bytes before byte \(input.position)")
      }
      try push(PickleNode(kind: .global, first: module, second: name), input)
    case .call, .newObject:
      let arguments = try pop(input)
      try push(PickleNode(kind: .call, first: try pop(input), second: arguments), input)
    case .newObjectWithNames:
      _ = try pop(input)
      let arguments = try pop(input)
      try push(PickleNode(kind: .call, first: try pop(input), second: arguments), input)
    case .build:
      let state = try pop(input)
      let index = try node(input, "state")
      guard graph.nodes[index].kind == .call else {
        throw input.malformed(
          "its pickle sets the state of a container before byte \(input.position)")
      }
      graph.nodes[index].state = state
    case .persistent: try push(PickleNode(kind: .persistent, first: try pop(input)), input)
    }
  }

  /// Parses the decimal text of an integer; `01` and `00` are Python's old spelling of booleans.
  private static func number(in line: String, _ input: PickleInput) throws(TensorFileError)
    -> PickleValue
  {
    if line == "01" || line == "00" { return .bool(line == "01") }
    let digits = line.hasSuffix("L") ? line.dropLast() : line[...]
    if let number = Int(digits) { return .integer(number) }
    guard let first = digits.utf8.first,
      digits.utf8.dropFirst(first == UInt8(ascii: "-") ? 1 : 0)
        .allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
    else { throw input.malformed("'\(line)' in its pickle is not a number") }
    return .other
  }
}

// MARK: Stack and memo

extension PickleMachine {
  private func check(_ count: Int, _ limit: Int, _ what: String, _ input: PickleInput)
    throws(TensorFileError)
  {
    guard count <= limit else { throw .exceedsLimit(path: input.path, limit: "\(limit) \(what)") }
  }

  private mutating func charge(_ bytes: Int, _ input: PickleInput) throws(TensorFileError) {
    guard bytes <= limits.memory - memory else { throw memoryLimit(input) }
    memory += bytes
  }

  private func memoryLimit(_ input: PickleInput) -> TensorFileError {
    .exceedsLimit(
      path: input.path, limit: "\(limits.memory) bytes for the values of its pickle")
  }

  /// The number of values that must stay on the stack, below the innermost mark.
  private var floor: Int { marks.last ?? 0 }

  private func top(_ input: PickleInput) throws(TensorFileError) -> PickleValue {
    guard stack.count > floor, let value = stack.last else {
      throw input.malformed(
        "its pickle takes a value from an empty stack before byte \(input.position)")
    }
    return value
  }

  private mutating func pop(_ input: PickleInput) throws(TensorFileError) -> PickleValue {
    let value = try top(input)
    stack.removeLast()
    return value
  }

  /// Removes the values above the innermost mark, and the mark.
  private mutating func popItems(_ input: PickleInput) throws(TensorFileError) -> [PickleValue] {
    guard let mark = marks.popLast() else {
      throw input.malformed("its pickle has no mark before byte \(input.position)")
    }
    let items = Array(stack[mark...])
    stack.removeSubrange(mark...)
    return items
  }

  private mutating func push(_ value: PickleValue, _ input: PickleInput) throws(TensorFileError) {
    // Each reference to a text counts as a copy, because keys are compared and joined.
    if let text = value.text { try charge(text.utf8.count, input) }
    stack.append(value)
    try check(stack.count, limits.stack, "values on the stack of its pickle", input)
  }

  private mutating func push(_ node: PickleNode, _ input: PickleInput, bytes: Int = 0)
    throws(TensorFileError)
  {
    let size = MemoryLayout<PickleNode>.stride + node.items.count * MemoryLayout<PickleValue>.stride
    try charge(size + bytes, input)
    graph.nodes.append(node)
    try push(.node(graph.nodes.count - 1), input)
  }

  private mutating func pushTuple(_ count: Int, _ input: PickleInput) throws(TensorFileError) {
    guard stack.count - floor >= count else {
      throw input.malformed(
        "its pickle takes \(count) values from a stack of \(stack.count - floor)")
    }
    let items = Array(stack.suffix(count))
    stack.removeLast(count)
    try push(PickleNode(kind: .tuple, items: items), input)
  }

  private mutating func pushText(_ count: UInt64, _ input: inout PickleInput)
    throws(TensorFileError)
  {
    try checkText(count, input)
    // Surrogates, which Python allows, become replacement characters.
    try push(.text(String(decoding: try input.bytes(count), as: UTF8.self)), input)
  }

  private mutating func pushBytes(_ count: UInt64, _ input: inout PickleInput)
    throws(TensorFileError)
  {
    try checkText(count, input)
    let text = String(validating: try input.bytes(count), as: UTF8.self)
    try push(text.map { .text($0) } ?? .other, input)
  }

  /// Checks the size of a text or number before its bytes are read.
  private func checkText(_ count: UInt64, _ input: PickleInput) throws(TensorFileError) {
    guard count <= UInt64(limits.memory - memory) else { throw memoryLimit(input) }
  }

  /// Pushes an integer in two's complement, little-endian.
  private mutating func pushLong(_ count: UInt64, _ input: inout PickleInput)
    throws(TensorFileError)
  {
    try checkText(count, input)
    let bytes = try input.bytes(count)
    guard bytes.count <= 8 else { return try push(.other, input) }
    var number = bytes.last.map { $0 >= 0x80 } ?? false ? -1 : 0
    for byte in bytes.reversed() { number = number << 8 | Int(byte) }
    try push(.integer(number), input)
  }

  /// The index of the node on the top of the stack.
  private func node(_ input: PickleInput, _ what: String) throws(TensorFileError) -> Int {
    guard case .node(let index) = try top(input) else {
      throw input.malformed(
        "its pickle adds \(what) to a plain value before byte \(input.position)")
    }
    return index
  }

  private mutating func append(_ items: [PickleValue], _ input: PickleInput)
    throws(TensorFileError)
  {
    let index = try node(input, "items")
    guard graph.nodes[index].kind == .list || graph.nodes[index].kind == .call else {
      throw input.malformed(
        "its pickle adds items to something else than a list before byte \(input.position)")
    }
    try charge(items.count * MemoryLayout<PickleValue>.stride, input)
    graph.nodes[index].items += items
  }

  private mutating func set(_ pairs: [PickleValue], _ input: PickleInput) throws(TensorFileError) {
    let index = try node(input, "entries")
    guard graph.nodes[index].kind == .dictionary || graph.nodes[index].kind == .call else {
      throw input.malformed(
        "its pickle adds entries to something else than a dictionary before byte \(input.position)")
    }
    guard pairs.count.isMultiple(of: 2) else {
      throw input.malformed("its pickle has a key without a value before byte \(input.position)")
    }
    try charge(pairs.count / 2 * Self.entrySize, input)
    for place in stride(from: 0, to: pairs.count, by: 2) {
      if let key = pairs[place].key {
        graph.nodes[index].entries.append((key, pairs[place + 1]))
      } else if case .node = pairs[place] {
        graph.nodes[index].pairs += pairs[place..<place + 2]
      }
    }
  }

  private static let entrySize = MemoryLayout<(key: String, value: PickleValue)>.stride

  /// Completes the entries of the values that the last pickle has created.
  private mutating func finish(_ input: PickleInput) throws(TensorFileError) {
    for index in finished..<graph.nodes.count {
      let pairs = graph.initialPairs(of: graph.nodes[index])
      try charge(pairs.count * Self.entrySize, input)
      let entries = pairs.compactMap { pair -> (key: String, value: PickleValue)? in
        guard let items = graph.sequence(pair), items.count == 2 else { return nil }
        return items[0].key.map { ($0, items[1]) }
      }
      graph.nodes[index].entries.insert(contentsOf: entries, at: 0)
      graph.removeRepeatedKeys(index)
    }
    finished = graph.nodes.count
  }

  private mutating func memoize(_ index: Int, _ input: PickleInput) throws(TensorFileError) {
    memo[index] = try top(input)
    try check(memo.count, limits.memo, "entries in the memo of its pickle", input)
  }

  private mutating func push(memoized index: Int, _ input: PickleInput) throws(TensorFileError) {
    guard let value = memo[index] else {
      throw input.malformed(
        "its pickle uses entry \(index) of the memo, which is empty, before byte \(input.position)")
    }
    try push(value, input)
  }
}
