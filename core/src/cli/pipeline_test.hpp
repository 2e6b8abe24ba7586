// Tests beside a pipeline: ad_ctr.test.json says which rows go in on which date, and which rows and
// rejects must come out. docs/pipeline_format.md describes the file.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "pipeline/finding.hpp"
#include "pipeline/json_positions.hpp"
#include "plan/bound_pipeline.hpp"
#include "run/trial.hpp"

namespace daymill {

/// One case of a test file.
struct PipelineTestCase {
  std::string name;
  std::string pointer;        // "/tests/0"
  std::string date;           // 2026-11-22
  nlohmann::ordered_json in;  // split → list of raw rows
  nlohmann::ordered_json out;
  nlohmann::ordered_json rejects;
  std::string error;  // not empty: the day must fail with a message that holds this
};

struct PipelineTestFile {
  std::string file;
  std::string pipeline;                          // path of the pipeline file
  std::map<std::string, std::string> variables;  // instead of the environment's
  std::vector<PipelineTestCase> cases;
  Findings findings;  // not empty: the file itself is wrong
};

/// Reads and checks a test file; what is wrong with it is a finding with its place.
PipelineTestFile load_pipeline_test(const std::string& file);

/// Runs one case through decode, combine and transforms. Returns what differs, for people, a line
/// each; empty when it passes.
std::string run_pipeline_test(BoundPipeline& pipeline, const PipelineTestCase& test);

}  // namespace daymill
