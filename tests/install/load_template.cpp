// Loads the plugin template as daymill would, and sends rows through it.
// usage: load_plugin_template <folder>
#include <iostream>
#include <memory>

#include "plugin/plugin_registry.hpp"
#include "plugin/proxies.hpp"

namespace {

using namespace daymill;

class QuietHost final : public HostServices {
  void log(std::int32_t /*level*/, std::string_view /*plugin*/,
           std::string_view /*message*/) override {}
  [[nodiscard]] bool stop_requested() const override { return false; }
};

class LastBatch final : public Emitter {
 public:
  Status emit(RecordBatch emitted) override {
    batch = std::move(emitted);
    return {};
  }
  Status reject(const Rejection& /*rejection*/) override {
    return Status(Code::internal, "no row was to be rejected");
  }
  RecordBatch batch;
};

/// Sends one row with `word` through text_length; gives the length it found.
Result<std::int64_t> length_of(std::string_view word, const std::string& folder) {
  const auto host = std::make_shared<QuietHost>();
  const PluginRegistry registry = PluginRegistry::load({folder}, host);
  DAYMILL_ASSIGN(const PluginComponent* component,
                 registry.find(ComponentKind::transform, "text_length"));
  DAYMILL_ASSIGN(std::unique_ptr<Transform> transform,
                 make_transform(*component, {{"column", "", "search_word"}, {"as", "", "length"}},
                                host, BatchCheck::data));
  const Schema schema{{{"search_word", Type::text, Role::key, false}}};
  DAYMILL_TRY(transform->bind(schema));
  DAYMILL_ASSIGN(std::unique_ptr<Lane> lane, transform->open(Partition{}));
  BatchBuilder rows(schema);
  rows.column(0).append_bytes(word);
  rows.end_row();
  LastBatch out;
  DAYMILL_TRY(lane->process(rows.finish(), out));
  return out.batch.num_rows() == 1 ? out.batch.column(1).int64s()[0] : -1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: " << argv[0] << " <folder>\n";
    return 2;
  }
  const daymill::Result<std::int64_t> length = length_of("shoes", argv[1]);
  if (!length.ok()) {
    std::cerr << length.status().to_string() << '\n';
    return 1;
  }
  std::cout << "text_length of shoes: " << *length << '\n';
  return *length == 5 ? 0 : 1;
}
