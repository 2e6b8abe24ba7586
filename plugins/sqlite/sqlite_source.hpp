// The source `sqlite`: the result of one query per day.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <daymill/plugin.hpp>

namespace daymill::sqlite {

/// One split, "query". Reads in one transaction of a read-only connection, so the rows are those of
/// one moment; nothing is ever removed.
class SqliteSource final : public Source {
 public:
  static ConfigSpec spec();
  static Result<std::unique_ptr<Source>> create(const Config& config, Host host);

  Result<Schema> schema() override { return typed_; }
  /// The declared columns as bytes, then the number of the row in the result.
  Result<Schema> raw_schema() override;
  Result<std::vector<Split>> plan(const Partition& partition) override;
  Result<std::unique_ptr<Reader>> open(const Partition& partition, const Split& split) override;
  Result<std::unique_ptr<Lane>> decoder(const Partition& partition,
                                        std::string_view split_id) override;
  Result<std::vector<std::string>> check() override;

 private:
  SqliteSource(const Config& config, Schema typed, Host host);

  std::string path_;
  std::string query_;
  int busy_ms_;
  Schema typed_;
  Host host_;
};

}  // namespace daymill::sqlite
