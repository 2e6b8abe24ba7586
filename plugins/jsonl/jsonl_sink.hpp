// The sink `jsonl`: one file per day, replaced as a whole.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <daymill/plugin.hpp>

#include "part_file.hpp"

namespace daymill::jsonl {

/// Keeps no receipts: a run always loads, and nothing can be removed from a source against it. What
/// protects a day is that its file is replaced in one step, after rows and sums were compared with
/// the load's.
class JsonlSink final : public Sink {
 public:
  static ConfigSpec spec();
  static Result<std::unique_ptr<Sink>> create(const Config& config, Host host);

  Status bind(const Schema& rows, const std::string& pipeline) override;
  Result<Evidence> receipts(const Partition& partition, bool settle) override;
  Result<std::int64_t> claim(const Partition& partition) override;
  Status begin(const Attempt& attempt) override;
  Result<std::unique_ptr<Writer>> open() override;
  Status reject(const std::vector<RejectRow>& rows) override;
  Status commit(const Load& load, const std::vector<Receipt>& receipts) override;
  void abort() noexcept override;
  Status mark_removed(const Partition& partition, const std::string& split,
                      std::int64_t generation) override;
  Result<std::string> identity() override;

  /// The day's file while it is written, shared by the writers of the attempt.
  struct Day {
    explicit Day(PartFile part) : file(std::move(part)) {}
    std::mutex mutex;  // guards all of it
    PartFile file;
    std::int64_t rows = 0;
    std::vector<Sum> sums;
    bool given_up = false;  // a writer was destroyed before it had finished
  };

 private:
  explicit JsonlSink(const Config& config);

  std::string path_;
  std::optional<std::string> partition_column_;
  bool create_folder_;
  Schema schema_;
  std::string label_;
  std::shared_ptr<Day> day_;
};

}  // namespace daymill::jsonl
