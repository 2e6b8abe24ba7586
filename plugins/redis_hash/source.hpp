// The source redis_hash: one Redis hash per measure and day.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "daymill/plugin.hpp"
#include "settings.hpp"

namespace daymill::redis_hash {

class RedisHash final : public Source {
 public:
  static Result<std::unique_ptr<Source>> create(const Config& config, Host host);

  Result<Schema> schema() override { return settings_.typed_schema(); }
  Result<Schema> raw_schema() override { return Settings::raw_schema(); }
  Result<std::vector<Split>> plan(const Partition& partition) override;
  Result<std::unique_ptr<Reader>> open(const Partition& partition, const Split& split) override;
  Result<std::unique_ptr<Lane>> decoder(const Partition& partition,
                                        std::string_view split_id) override;
  Result<Removal> remove(const Partition& partition, const Split& split,
                         const RemovalProof& proof) override;
  Result<std::vector<std::string>> inventory() override;
  Result<std::vector<std::string>> check() override;

 private:
  RedisHash(Settings settings, Host host) : settings_(std::move(settings)), host_(host) {}
  [[nodiscard]] Result<HashNumber> number_of(const Partition& partition,
                                             std::string_view split_id) const;

  Settings settings_;
  Host host_;
  /// The readers', see HashReader::open().
  std::shared_ptr<std::atomic<bool>> in_stripes_ = std::make_shared<std::atomic<bool>>(true);
};

}  // namespace daymill::redis_hash
