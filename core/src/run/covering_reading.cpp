#include "run/covering_reading.hpp"

#include "run/compare.hpp"

namespace daymill {

Result<const StoredSnapshot*> covering_reading(BoundPipeline& pipeline, const Partition& partition,
                                               const std::vector<StoredSnapshot>& readings,
                                               std::size_t memory_limit) {
  for (auto candidate = readings.rbegin(); candidate != readings.rend(); ++candidate) {
    bool covers = true;
    for (const StoredSnapshot& other : readings) {
      if (covers && other.path != candidate->path) {
        DAYMILL_ASSIGN(const Comparison comparison,
                       compare_readings(pipeline, partition, other, *candidate, memory_limit));
        covers = comparison.growth != Growth::shrunk;
      }
    }
    if (covers) {
      return &*candidate;
    }
  }
  return static_cast<const StoredSnapshot*>(nullptr);
}

}  // namespace daymill
