// One initial weight.

// snippet.weight
import ZerOLab

var streams = RandomStreams(seed: 0)
let shape = WeightShape(outputs: 1024, inputs: 784)
let weight = try ZerO(scale: .code).weight(shape, using: &streams)
print(weight[0, 0])  // 0.03125
// snippet.end
