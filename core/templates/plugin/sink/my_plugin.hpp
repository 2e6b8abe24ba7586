// A sink: one file of tab-separated lines per day. It keeps no receipts, so it promises no more
// than that each run replaces the day as a whole.
#pragma once

#include <daymill/plugin.hpp>
#include <memory>
#include <string>
#include <vector>

class MyPlugin final : public daymill::Sink {
 public:
  static daymill::ConfigSpec spec();
  static daymill::Result<std::unique_ptr<daymill::Sink>> create(const daymill::Config& config,
                                                                daymill::Host host);

  MyPlugin(std::string path, daymill::Host host);
  daymill::Status bind(const daymill::Schema& rows, const std::string& pipeline) override;
  daymill::Result<daymill::Evidence> receipts(const daymill::Partition& partition,
                                              bool settle) override;
  daymill::Result<std::int64_t> claim(const daymill::Partition& partition) override;
  daymill::Status begin(const daymill::Attempt& attempt) override;
  daymill::Result<std::unique_ptr<daymill::Writer>> open() override;
  daymill::Status reject(const std::vector<daymill::RejectRow>& rows) override;
  daymill::Status commit(const daymill::Load& load,
                         const std::vector<daymill::Receipt>& receipts) override;
  void abort() noexcept override;
  daymill::Status mark_removed(const daymill::Partition& partition, const std::string& split,
                               std::int64_t generation) override;
  daymill::Result<std::string> identity() override;

 private:
  std::string path_;  // with {date:...}
  daymill::Host host_;
  daymill::Schema schema_;
  std::string file_;                            // of the attempt's day
  std::shared_ptr<std::int64_t> rows_written_;  // of the attempt; shared with its writer
};
