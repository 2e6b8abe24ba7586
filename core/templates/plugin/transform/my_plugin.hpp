// A transform: adds a column with the number of characters of a text column.
#pragma once

#include <daymill/plugin.hpp>
#include <memory>
#include <string>

class MyPlugin final : public daymill::Transform {
 public:
  static daymill::ConfigSpec spec();
  static daymill::Result<std::unique_ptr<daymill::Transform>> create(const daymill::Config& config,
                                                                     daymill::Host host);

  MyPlugin(std::string column, std::string as);
  daymill::Result<daymill::Schema> bind(const daymill::Schema& in) override;
  daymill::Result<std::unique_ptr<daymill::Lane>> open(
      const daymill::Partition& partition) override;

 private:
  std::string column_;     // the text column
  std::string as_;         // the new column
  std::size_t index_ = 0;  // of column_, known after bind()
};
