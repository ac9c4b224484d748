// Ceilings on screens of several widths.

import Datasets
import Execution
import TestSupport
import Testing
import Training

@testable import Terminal

@Suite struct CeilingListingTests {
  @Test func `tables fit the screen, and say which columns they lost`() throws {
    try withTemporaryFolder { folder in
      try writeSmallDataset(to: folder)
      let data = try Dataset(folder: folder, name: "small")
      var plan = TrainingPlan(initializer: "ZerO", width: 20)
      plan.batchSize = 12
      var survey = try CeilingSurvey(of: plan, on: data)
      survey.trial = try CeilingTrial(of: plan, on: data, updates: 2)
      func text(_ columns: Int) -> String {
        CeilingListing(survey).text(within: columns) { $0 }
      }
      func tableLines(_ text: String) -> [Substring] {
        text.split(separator: "\n").filter { $0.hasPrefix("l") && !$0.contains(": ") }
      }
      #expect(!text(80).contains("not shown"))
      #expect(text(80).contains("first below"))
      for columns in [60, 40] {
        let narrow = text(columns)
        #expect(tableLines(narrow).allSatisfy { $0.count <= columns }, "\(narrow)")
        #expect(tableLines(narrow).count == tableLines(text(80)).count)
        #expect(narrow.contains("not shown: first below"))
        #expect(narrow.contains("verdict") && narrow.contains("ceiling"))
      }
    }
  }
}
