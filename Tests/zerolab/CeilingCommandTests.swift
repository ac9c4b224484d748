// `zerolab ceiling`, started as a user starts it.

import Foundation
import TestSupport
import Testing

@Suite struct CeilingCommandTests {
  @Test func `a trial in double precision has the ceilings of double precision`() throws {
    // In single precision the bias is 0, and its units are dead.
    try withImages { folder in
      let outcome = try zerolab(
        [
          "ceiling", "--init", "Zeros", "--bias=1e-50", "--width", "8", "--data", "images",
          "--verify", "3", "--json",
        ], in: folder)
      #expect(outcome.code == 0, "\(outcome.errors)")
      let survey = try #require(
        try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
      let trial = try #require(survey["trial"] as? [String: Any])
      for (layers, ceiling) in [(survey["layers"], 0), (trial["layers"], 1)] {
        let layer = (layers as? [[String: Any]])?.first {
          ($0["tensor"] ?? $0["layer"]).map { "\($0)".hasPrefix("l3") } ?? false
        }
        #expect(layer?["ceiling"] as? Int == ceiling)
      }
    }
  }

  @Test func `ceiling says how far a rank can get and why`() throws {
    try withImages { folder in
      let outcome = try zerolab(["ceiling", "--init", "ZerO", "--width", "2048"], in: folder)
      #expect(outcome.code == 0 && outcome.errors.isEmpty)
      #expect(
        outcome.output.contains("l3     2048 x 2048     1034        2                     1034"))
      #expect(
        outcome.output.contains(
          "\nl3.weight: at most 1034. The 2048 units of l2 form 1034 classes: 1014 of 2 units, 20 of 1"
        ))
      let huge = ["ceiling", "--init", "ZerO", "--width", "65536", "--depth", "2"]
      let survey = try zerolab(huge, in: folder)
      #expect(survey.code == 0 && survey.output.contains("l3.weight: at most 1034."))
      let refused = try zerolab(huge + ["--data", "images", "--verify", "1"], in: folder)
      #expect(
        refused.code == 71 && refused.errors.contains("training in double precision needs about"),
        "\(refused.errors)")
      let trial = try zerolab(
        [
          "ceiling", "--init", "Partial_Identity", "--width", "20", "--no-bias", "--data", "images",
          "--verify", "3", "--depth", "3", "--classes", "4",
        ], in: folder)
      #expect(trial.code == 0, "\(trial.errors)")
      #expect(trial.output.contains(", 4 classes"))
      #expect(trial.output.contains("W - W0 after 3 updates in double precision"))
      #expect(trial.output.contains("\nl4.weight, l5.weight: the same.\n"))
      let json = try zerolab(
        ["ceiling", "--init", "Random", "--width", "20", "--inputs", "9", "--json"], in: folder)
      let decoded = try JSONSerialization.jsonObject(with: Data(json.output.utf8))
      let layers = try #require((decoded as? [String: Any])?["layers"] as? [[String: Any]])
      #expect(layers.map { $0["ceiling"] as? Int } == [9, 9, 20, 10])
      #expect(json.errors.hasPrefix("Random is random; seed "))
    }
  }

  @Test(
    arguments: [
      (
        ["ceiling", "--init", "ZerO", "--init-rule", "l9.weight=Zeros"], 64,
        "'l9.weight' matches no weight of the model"
      ),
      (["ceiling", "--init", "Zero"], 64, "did you mean 'ZerO'?"),
      (
        ["ceiling", "--init", "ZerO", "--lr", "0.1"], 64,
        "--lr is for the updates of --verify; add --verify"
      ),
      (
        [
          "ceiling", "--init", "ZerO", "--optimizer", "adam", "--weight-decay", "0.1", "--verify",
          "1",
        ], 64, "weight decay inside the gradient of adam has no ceiling"
      ),
      (
        ["ceiling", "--init", "ZerO", "--classes", "12", "--data", "mnist"], 65, "is selected"
      ),
      (["ceiling"], 64, "give --init, or a file with initial weights"),
      (
        ["ceiling", "a.pt", "--init", "ZerO"], 64,
        "a file contains all initial weights; omit --init"
      ),
      (["ceiling", "a.pt", "--init-rule", "a=ZerO"], 64, "omit --init-rule"),
      (["ceiling", "a.pt", "--verify", "3"], 64, "give --init instead of the file"),
      (["ceiling", "--init", "ZerO", "--key", "a"], 64, "--key is for a file"),
      (["ceiling", "a.pt"], 74, "a.pt: can't be read"),
      (
        ["ceiling", "--init", "ZerO", "--inputs", "0"], 64,
        "--inputs is 0; it must be 1 to 16777216"
      ),
      (
        ["ceiling", "--init", "ZerO", "--model", "resnet20", "--inputs", "1000"], 64,
        "no square image of 1 channel, which model resnet20 reads; use for example --inputs 1024, or --channels 3"
      ),
      (
        ["ceiling", "--init", "ZerO", "--classes", "0", "--classes", "1"], 64, "--classes is"
      ),
      (
        ["ceiling", "--init", "ZerO", "--classes", "2", "--classes", "3"], 64,
        "--classes is given 2 times, but is the number of classes here; give it once"
      ),
      (["ceiling", "model.pt", "--classes", "2"], 64, "omit --classes"),
      (
        ["ceiling", "--init", "ZerO", "--inputs", "3", "--data", "mnist"], 64,
        "describe a network without data"
      ),
      (
        ["ceiling", "--init", "Spray", "--inputs", "1"], 64,
        "Spray is undefined for a weight of 1x1"
      ),
    ] as [([String], Int32, String)])
  func `bad input ends in one clear line and the right exit code`(
    arguments: [String], code: Int32, message: String
  ) throws {
    try withImages { folder in
      try expectOneLine(of: arguments, code: code, message, in: folder)
    }
  }
}
