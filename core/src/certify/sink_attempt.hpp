// One attempt on a day of a sink, as the engine makes it, for the checks.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "certify/subject.hpp"

namespace daymill {

/// The pipeline that a certification says it is.
constexpr const char* kCertifyPipeline = "daymill_certify";

/// A sink of its own, bound to the subject's rows.
Result<std::unique_ptr<Sink>> bound_sink(const Subject& subject);

/// The n-th day that a certification writes, so that checks are in nobody's way.
Partition day_of(const Subject& subject, int number);

/// What is to be committed.
struct StagedLoad {
  Load load;
  std::vector<Receipt> receipts;  ///< those that are there, and a new one
};

/// Called at "claimed", "begun", "opened", "written", "finished", "rejected".
using AtPoint = std::function<void(const char* point)>;
/// "claimed" and so on, in order.
const std::vector<std::string>& points_before_commit();

struct StageOptions {
  std::int64_t batch_rows = 1000;
  std::string run_id = "certify";
  AtPoint at = [](const char*) {};
};

/// Everything up to the commit: claim, receipts, begin, write, finish, reject.
Result<StagedLoad> stage(const Subject& subject, Sink& sink, const Partition& day,
                         const StageOptions& options = {});
/// stage() and commit; again, a few times, when the sink says that this may help.
Result<StagedLoad> load_day(const Subject& subject, const Partition& day,
                            const StageOptions& options = {});

/// Does the evidence tell what was committed?
Status tells_load(const Evidence& evidence, const StagedLoad& committed);
/// Is it the same as before, epochs aside?
Status same_evidence(const Evidence& now, const Evidence& before, const std::string& after_what);
/// Does the target hold the subject's rows? OK when the sink cannot compare.
Status target_holds_rows(const Subject& subject, const Partition& day);

}  // namespace daymill
