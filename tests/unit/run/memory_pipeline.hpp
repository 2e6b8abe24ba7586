// A pipeline from memory to memory, and everything that running one partition of it needs.
#pragma once

#include <gtest/gtest.h>

#include "memory_sink.hpp"
#include "memory_source.hpp"
#include "run/partition_run.hpp"
#include "support/temporary_folder.hpp"

namespace daymill {

/// Clicks and views per word, removed after they are loaded, tried once unless a test says more.
class MemoryPipeline : public testing::Test {
 protected:
  MemoryPipeline();
  ~MemoryPipeline() override;

  RunReport run() { return run_kind(RunKind::run); }
  RunReport replay() { return run_kind(RunKind::replay); }
  /// Puts a transform behind the source; call before the first run.
  void add_transform(std::unique_ptr<Transform> transform, std::uint32_t capabilities);
  /// Expects DONE, nothing left in the source, and the rows in the target.
  void expect_done(const RunReport& report,
                   const std::map<std::string, MemoryDatabase::Counts>& rows) const;
  [[nodiscard]] std::vector<StoredSnapshot> stored() const;
  RunJournal& journal() { return journal_; }

  MemoryStore store;
  MemoryDatabase database;
  BoundPipeline pipeline;
  RunSettings settings;
  support::TemporaryFolder folder{"run"};
  SnapshotStore snapshots{folder / "snapshots"};
  Log log{LogLevel::error, LogFormat::text};

 private:
  RunReport run_kind(RunKind kind);

  RunJournal journal_;
  RunObserver observer_;
};

}  // namespace daymill
