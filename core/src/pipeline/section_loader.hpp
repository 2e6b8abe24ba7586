#pragma once

#include "pipeline/definition.hpp"
#include "pipeline/pipeline_reader.hpp"

namespace daymill {

// Each reads one section of the file; where it is absent or wrong the defaults stay, and what is
// wrong is a finding.
PartitionDefinition read_partition(PipelineReader& reader);
std::optional<ScheduleDefinition> read_schedule(PipelineReader& reader,
                                                const PartitionDefinition& partition);
RejectBudget read_rejects(PipelineReader& reader);
RetryDefinition read_retry(PipelineReader& reader);
std::optional<SnapshotDefinition> read_snapshots(PipelineReader& reader);

}  // namespace daymill
