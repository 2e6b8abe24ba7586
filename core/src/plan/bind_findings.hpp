// What binding found, said as findings in the pipeline file.
#pragma once

#include <vector>

#include "pipeline/load_pipeline.hpp"
#include "plan/bound_pipeline.hpp"

namespace daymill {

/// Pointers of the components that `findings` say are wrong, so that they need not be made.
std::set<std::string> wrong_components(const PipelineDefinition& definition,
                                       const Findings& findings);

/// One finding per problem, at the component it is about; at the setting when the message names one
/// in backticks. Codes: plugin.config, schema.mismatch, delivery.refused, plugin.failed.
Findings bind_findings(const LoadedPipeline& loaded, const std::vector<BindProblem>& problems);

}  // namespace daymill
