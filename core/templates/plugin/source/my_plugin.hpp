// A source: reads lines of `word TAB count`, one file per day.
#pragma once

#include <daymill/plugin.hpp>
#include <memory>
#include <string>
#include <vector>

class MyPlugin final : public daymill::Source {
 public:
  static daymill::ConfigSpec spec();
  static daymill::Result<std::unique_ptr<daymill::Source>> create(const daymill::Config& config,
                                                                  daymill::Host host);

  MyPlugin(std::string path, daymill::Host host);
  daymill::Result<daymill::Schema> schema() override;
  daymill::Result<daymill::Schema> raw_schema() override;
  daymill::Result<std::vector<daymill::Split>> plan(const daymill::Partition& partition) override;
  daymill::Result<std::unique_ptr<daymill::Reader>> open(const daymill::Partition& partition,
                                                         const daymill::Split& split) override;
  daymill::Result<std::unique_ptr<daymill::Lane>> decoder(const daymill::Partition& partition,
                                                          std::string_view split_id) override;

 private:
  std::string path_;  // with {date:...}
  daymill::Host host_;
};
