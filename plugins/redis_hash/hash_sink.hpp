// The sink `redis_hash`: one hash per day, replaced as a whole.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "connection.hpp"
#include "daymill/plugin.hpp"
#include "field_text.hpp"
#include "key_template.hpp"

namespace daymill::redis_hash {

/// Keeps no receipts: a run always loads, and nothing can be removed from a source against it. What
/// protects a day is that its key is replaced in one step, after rows and sums were compared with
/// the load's, and only by the run that came last.
class HashSink final : public Sink {
 public:
  struct Settings {
    Endpoint endpoint;
    KeyTemplate key;
    FieldPattern pattern;
    std::string value;                   ///< column
    std::chrono::milliseconds expire{};  ///< 0: never
  };

  static ConfigSpec spec();
  static Result<std::unique_ptr<Sink>> create(const Config& config, Host host);

  Status check_rows(const Schema& rows) override;
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
  Result<std::vector<std::string>> check() override;

  /// How rows become fields and values.
  struct Shape {
    FieldText field;
    std::size_t value = 0;  ///< column
    Type type = Type::int64;
    bool is_measure = false;
  };

  /// The day while it is written, shared by the writers of the attempt.
  struct Day {
    std::string key;
    std::string stage;   ///< the hash that becomes `key`
    std::string writer;  ///< the key that names the run whose stage counts
    std::string run_id;
    std::string place;
    std::mutex mutex;  // guards what follows
    std::int64_t rows = 0;
    std::int64_t sum = 0;   ///< of the value, where it is a measure
    bool given_up = false;  ///< a writer was destroyed before it had finished
  };

 private:
  HashSink(Settings settings, Host host) : settings_(std::move(settings)), host_(host) {}
  Status verify(const Load& load);
  Status publish(Connection& connection);

  Settings settings_;
  Host host_;
  std::string value_name_;
  std::optional<Shape> shape_;
  std::shared_ptr<Day> day_;
};

}  // namespace daymill::redis_hash
