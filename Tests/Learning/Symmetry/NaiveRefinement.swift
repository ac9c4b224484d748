// A slow oracle for models of any operations: units of all values as vertices of a colored graph, and sorted lists of edges.

import ZerOLinearAlgebra
import ZerONetworks

/// Computes the coarsest equitable partition of a model without dead units.
///
/// Each value has vertices of its own; an operation that keeps units connects unit i of its output with unit i of its inputs.
///
/// - Returns: The class of each unit by value, numbered in order of first occurrence.
func naiveClasses(of network: InitialNetwork<Double>) -> [[Int]] {
  let graph = network.graph
  var starts = [0]
  for shape in graph.shapes { starts.append(starts[starts.count - 1] + shape.units) }
  var colors = [[Double]](repeating: [], count: starts[starts.count - 1])
  var edges = [[(label: [Double], other: Int)]](repeating: [], count: colors.count)
  func connect(_ output: Int, _ input: Int, _ label: [Double]) {
    edges[output].append(([0] + label, input))
    edges[input].append(([1] + label, output))
  }
  for (index, node) in graph.nodes.enumerated() {
    let (value, units) = (index + 1, graph.shapes[index + 1].units)
    let weights = node.parameters.filter { graph.parameters[$0].role == .weight }
    for parameter in node.parameters where graph.parameters[parameter].shape.count == 1 {
      for unit in 0..<units {
        colors[starts[value] + unit].append(network.parameters[parameter].matrix[unit, 0])
      }
    }
    for weight in weights {
      let (shape, matrix) = (graph.parameters[weight].shape, network.parameters[weight].matrix)
      let taps = shape.dropFirst(2).reduce(1, *)
      let groups = (node.operation as? Convolutional)?.groups ?? 1
      for output in 0..<units {
        for input in 0..<shape[1] {
          let vector = (0..<taps).map { matrix[output, input * taps + $0] }
          // If every output reads every input, the nonzero weights determine the zeros. In groups they do not, and
          // training changes zeros too, unlike the pairs without a weight.
          guard groups > 1 || vector.contains(where: { $0 != 0 }) else { continue }
          let source = starts[node.inputs[0]] + output * groups / units * shape[1] + input
          connect(starts[value] + output, source, [Double(weight)] + vector)
        }
      }
    }
    guard weights.isEmpty else { continue }
    if let normalization = node.operation as? Normalization {
      // A group is a vertex without a unit, connected with its channels.
      for group in 0..<normalization.groups {
        colors.append([-1 - Double(index)])
        edges.append([])
        for unit in 0..<units where unit * normalization.groups / units == group {
          connect(starts[value] + unit, colors.count - 1, [-1 - Double(index)])
        }
      }
    }
    for input in node.inputs {
      let pixels = node.operation is Flattening ? graph.shapes[input].pixels : 1
      for unit in 0..<units {
        connect(
          starts[value] + unit, starts[input] + unit / pixels,
          [-1 - Double(index), Double(unit % pixels)])
      }
    }
  }
  // Inputs and logits are classes of their own.
  for unit in 0..<graph.shapes[0].units { colors[unit].append(Double(unit) + 0.5) }
  for unit in 0..<graph.outputs {
    colors[starts[graph.shapes.count - 1] + unit].append(Double(unit) + 0.5)
  }
  for value in graph.shapes.indices {
    for vertex in starts[value]..<starts[value + 1] { colors[vertex].append(Double(value)) }
  }
  var classes = numbered(colors)
  while true {
    let refined = numbered(
      edges.indices.map { vertex in
        [Double(classes[vertex])]
          + edges[vertex].map { $0.label + [Double(classes[$0.other])] }
          .sorted { $0.lexicographicallyPrecedes($1) }.flatMap { [Double($0.count)] + $0 }
      })
    if refined.max() == classes.max() { break }
    classes = refined
  }
  return graph.shapes.indices.map { value in
    numbered(classes[starts[value]..<starts[value + 1]].map { [Double($0)] })
  }
}

/// Numbers in order of first occurrence.
private func numbered(_ keys: [[Double]]) -> [Int] {
  var known: [[Double]: Int] = [:]
  return keys.map { key in
    let place = known[key] ?? known.count
    known[key] = place
    return place
  }
}

/// A random small model, with weights of few different values in rows that repeat.
func randomModel(_ seed: Int) -> InitialNetwork<Double> {
  var state = UInt64(seed) &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
  func next(_ limit: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % limit
  }
  var graph = ModelGraph(of: ValueShape(units: 1 + next(2), height: 3, width: 2))
  func convolution(_ outputs: Int) {
    graph.append(
      "conv\(graph.latest)",
      Convolutional(outputs: outputs, kernel: [1, 3][next(2)], hasBias: next(2) == 0))
  }
  convolution(2 + next(5))
  for _ in 0..<next(4) {
    let stream = graph.latest
    let units = graph.shapes[stream].units
    switch next(6) {
    case 0: graph.append("norm\(stream)", BatchNormalization())
    case 4: graph.append("norm\(stream)", Normalization(.layer, groups: units % 2 == 0 ? 2 : 1))
    case 1: graph.append("f\(stream)", Activation.tanh)
    case 5:
      graph.append(
        "depthwise\(stream)",
        Convolutional(
          outputs: units, kernel: [1, 3][next(2)], stride: 1 + next(2), groups: units,
          hasBias: next(2) == 0))
    case 2:
      convolution(units)
      graph.append("sum\(stream)", Addition(), of: [graph.latest, stream])
    default: convolution(2 + next(5))
    }
  }
  if next(2) == 0 {
    graph.append("pool", Pooling(.mean))
  } else {
    graph.append("flatten", Flattening())
  }
  graph.append("fc", Dense(outputs: 1 + next(3), hasBias: next(2) == 0))
  let parameters = graph.parameters.map { parameter in
    // Inputs that are one or two places apart have the same taps.
    let length = parameter.shape.dropFirst(2).reduce(1 + next(2), *)
    let patterns = (0..<1 + next(3)).map { _ in
      (0..<length).map { _ in [0, 0, 1, -1][next(4)] as Double }
    }
    return InitialParameter<Double>.matrix(
      Matrix(rows: parameter.rows, columns: parameter.columns) { row, column in
        parameter.role == .variance ? 1 : patterns[row % patterns.count][column % length]
      })
  }
  return InitialNetwork(graph: graph, parameters: parameters)
}
