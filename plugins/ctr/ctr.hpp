// The transform `ctr`: adds clicks / impressions to every row.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include <daymill/plugin.hpp>

namespace daymill::ctr {

/// Adds one nullable float64 column; the other columns pass through without being copied. The new
/// value is null where impressions are 0 or where either count is null. Rows with more clicks than
/// impressions are kept, counted per lane and reported once by a warning.
class Ctr final : public Transform {
 public:
  static ConfigSpec spec();
  static Result<std::unique_ptr<Transform>> create(const Config& config, Host host);

  /// SCHEMA_MISMATCH when a count is absent or not int64, or when the new column exists already.
  Result<Schema> bind(const Schema& in) override;
  /// After bind().
  Result<std::unique_ptr<Lane>> open(const Partition& partition) override;

 private:
  Ctr(const Config& config, Host host);
  Result<std::size_t> find_count(const Schema& in, const char* setting,
                                 const std::string& name) const;

  std::string clicks_name_;
  std::string impressions_name_;
  std::string ctr_name_;
  Host host_;
  std::size_t clicks_ = 0;
  std::size_t impressions_ = 0;
};

}  // namespace daymill::ctr
