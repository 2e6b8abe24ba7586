#include "run/attempt_replay.hpp"

#include <memory>

#include "run/commit.hpp"

namespace daymill {

Status attempt_replay(RunContext& context) {
  const BoundPipeline& pipeline = context.pipeline;
  DAYMILL_ASSIGN(const std::unique_ptr<Sink> sink, pipeline.make_sink());
  DAYMILL_TRY(sink->bind(pipeline.out_schema, pipeline.definition.name));
  DAYMILL_ASSIGN(context.report.target, sink->identity());
  DAYMILL_ASSIGN(Evidence evidence, sink->receipts(context.partition, /*settle=*/false));
  if (evidence.receipts.empty()) {
    return Status(Code::not_found, context.partition.label + " was never loaded by pipeline " +
                                       pipeline.definition.name)
        .at(context.report.target)
        .next("daymill run " + pipeline.definition.file + " --date " + context.partition.label);
  }
  auto note_splits = [&](const std::string& outcome) {
    context.report.splits.clear();
    for (const Receipt& receipt : evidence.receipts) {
      context.report.splits.push_back(SplitReport{receipt.split,
                                                  {},
                                                  receipt.generation,
                                                  receipt.rows_in,
                                                  receipt.fingerprint,
                                                  receipt.snapshot,
                                                  outcome});
    }
  };
  if (context.settings.rehearse) {
    DAYMILL_TRY(rehearse_load(context, *sink, evidence.receipts));
    note_splits("not applied");
    context.report.state = RunState::done;
    return {};
  }
  const bool looks = context.settings.force || context.settings.show_difference;
  if (!looks && is_up_to_date(pipeline, evidence)) {
    note_splits("unchanged");
    context.report.state = RunState::done;
    return {};
  }
  DAYMILL_ASSIGN(const std::int64_t epoch, sink->claim(context.partition));
  context.report.wrote_nothing = false;
  DAYMILL_ASSIGN(evidence, sink->receipts(context.partition, /*settle=*/false));
  DAYMILL_TRY(load_and_commit(context, *sink, epoch, evidence, evidence.receipts));
  note_splits("replayed");
  context.report.state = RunState::done;
  return {};
}

}  // namespace daymill
