#include <memory>
#include <optional>
#include <utility>

#include "plugin/lane_proxy.hpp"
#include "plugin/plugin_object.hpp"
#include "plugin/proxies.hpp"

namespace daymill {

namespace {

using SourceFunctions = daymill_source_functions;
using SourceObject = PluginObject<SourceFunctions>;

class ReaderProxy final : public Reader {
 public:
  ReaderProxy(const std::string& id, daymill_reader reader, Schema raw, BatchCheck check,
              std::shared_ptr<SourceObject> source)
      : reader_(id, reader, std::move(source)), raw_(std::move(raw)), check_(check) {}

  Result<ReadState> read(BatchBuilder& out) override {
    ArrowArray batch{};
    const detail::ArrayOwner owner(&batch);
    std::int32_t state = 0;
    DAYMILL_TRY(call_plugin(reader_.id(), [&](daymill_error* error) {
      return reader_.functions()->read(reader_.self(), &batch, &state, error);
    }));
    if (state != DAYMILL_READ_MORE && state != DAYMILL_READ_END) {
      return plugin_breach(reader_.id(),
                           "read answered " + std::to_string(state) + ", expected 1 more or 2 end");
    }
    if (batch.release != nullptr) {
      if (const Status checked = check_batch(batch, raw_, check_); !checked.ok()) {
        return plugin_breach(reader_.id(), checked.message());
      }
      out.append(RecordBatch::import_from(&batch));
    }
    return static_cast<ReadState>(state);
  }

  Result<Scan> confirm(std::int64_t distinct_rows) override {
    const auto function = function_slot(reader_.functions(), &daymill_reader_functions::confirm);
    if (function == nullptr) {
      return Scan::stable;
    }
    std::int32_t answer = 0;
    DAYMILL_TRY(call_plugin(reader_.id(), [&](daymill_error* error) {
      return function(reader_.self(), distinct_rows, &answer, error);
    }));
    if (answer != DAYMILL_SCAN_STABLE && answer != DAYMILL_SCAN_CHANGED) {
      return plugin_breach(reader_.id(), "confirm answered " + std::to_string(answer) +
                                             ", expected 1 stable or 2 changed");
    }
    return static_cast<Scan>(answer);
  }

  Result<ReadPosition> position() override {
    const auto function = function_slot(reader_.functions(), &daymill_reader_functions::position);
    if (function == nullptr) {
      return plugin_breach(reader_.id(), "it reads in order and its readers have no position");
    }
    ReadPosition position;
    DAYMILL_TRY(call_plugin(reader_.id(), [&](daymill_error* error) {
      return function(reader_.self(), &position.complete, &position.reached, error);
    }));
    return position;
  }

  [[nodiscard]] void* self() const { return reader_.self(); }
  [[nodiscard]] bool is_of(const std::shared_ptr<SourceObject>& source) const {
    return reader_.owner() == source;
  }

 private:
  PluginHandle<daymill_reader> reader_;
  Schema raw_;
  BatchCheck check_;
};

class SourceProxy final : public Source {
 public:
  SourceProxy(std::shared_ptr<SourceObject> object, std::uint32_t capabilities, BatchCheck check)
      : object_(std::move(object)), capabilities_(capabilities), check_(check) {}

  Result<Schema> schema() override { return schema_of(&SourceFunctions::schema, typed_); }
  Result<Schema> raw_schema() override { return schema_of(&SourceFunctions::raw_schema, raw_); }

  Result<std::vector<Split>> plan(const Partition& partition) override {
    const daymill_partition view = detail::to_c(partition);
    detail::Received<daymill_split_list> splits;
    DAYMILL_TRY(object_->call(&SourceFunctions::plan, &view, splits.out()));
    return detail::from_c(splits.get());
  }

  Result<std::unique_ptr<Reader>> open(const Partition& partition, const Split& split) override {
    DAYMILL_ASSIGN(Schema raw, raw_schema());
    const daymill_partition view = detail::to_c(partition);
    const daymill_split split_view = detail::to_c(split);
    daymill_reader reader{};
    DAYMILL_TRY(object_->call(&SourceFunctions::open, &view, &split_view, &reader));
    DAYMILL_TRY(check_handle(object_->id(), "open", reader, &daymill_reader_functions::read));
    return std::make_unique<ReaderProxy>(object_->id(), reader, std::move(raw), check_, object_);
  }

  Result<std::unique_ptr<Lane>> decoder(const Partition& partition,
                                        std::string_view split_id) override {
    DAYMILL_ASSIGN(Schema typed, schema());
    const daymill_partition view = detail::to_c(partition);
    daymill_lane lane{};
    DAYMILL_TRY(object_->call(&SourceFunctions::decoder, &view, detail::to_c(split_id), &lane));
    return make_lane(object_->id(), "decoder", lane, std::move(typed), check_, object_);
  }

  Result<Removal> remove(const Partition& partition, const Split& split,
                         const RemovalProof& proof) override {
    if ((capabilities_ & DAYMILL_SOURCE_REMOVES_BY_PROOF) == 0 ||
        !object_->has(&SourceFunctions::remove)) {
      return Status(Code::unsupported, object_->id() + ": this source cannot remove");
    }
    if (proof.kind != RemovalKind::by_proof) {
      DAYMILL_TRY(object_->need_minor(1, "removal by decision"));
    }
    DAYMILL_ASSIGN(void* const reader, reader_self(proof.reader));
    const daymill_partition view = detail::to_c(partition);
    const daymill_split split_view = detail::to_c(split);
    const daymill_removal removal = detail::to_c(proof, reader);
    std::int32_t answer = 0;
    DAYMILL_TRY(object_->call(&SourceFunctions::remove, &view, &split_view, &removal, &answer));
    if (answer < DAYMILL_REMOVED || answer > DAYMILL_REMOVAL_CHANGED) {
      return plugin_breach(object_->id(),
                           "remove answered " + std::to_string(answer) +
                               ", expected 1 removed, 2 already removed or 3 changed");
    }
    return static_cast<Removal>(answer);
  }

  Result<std::vector<std::string>> inventory() override {
    if (!object_->has(&SourceFunctions::inventory)) {
      return Status(Code::unsupported, object_->id() + ": this source has no inventory");
    }
    detail::Received<daymill_text_list> labels;
    DAYMILL_TRY(object_->call(&SourceFunctions::inventory, labels.out()));
    return detail::from_c(labels.get());
  }

  Result<std::vector<std::string>> check() override {
    if (!object_->has(&SourceFunctions::check)) {
      return std::vector<std::string>{};
    }
    detail::Received<daymill_text_list> findings;
    DAYMILL_TRY(object_->call(&SourceFunctions::check, findings.out()));
    return detail::from_c(findings.get());
  }

 private:
  /// A source's schemas do not change while it lives, so each is asked for once.
  template <typename Member>
  Result<Schema> schema_of(Member member, std::optional<Schema>& known) {
    if (!known) {
      detail::Received<daymill_schema> out;
      DAYMILL_TRY(object_->call(member, out.out()));
      const Result<Schema> found = detail::from_c(out.get());
      if (!found.ok()) {
        return from_plugin(object_->id(), found.status());
      }
      known = *found;
    }
    return *known;
  }

  /// The plugin's own reader behind a reader that open() returned.
  Result<void*> reader_self(Reader* reader) const {
    if (reader == nullptr) {
      return static_cast<void*>(nullptr);
    }
    const auto* proxy = dynamic_cast<const ReaderProxy*>(reader);
    if (proxy == nullptr || !proxy->is_of(object_)) {
      return Status(Code::internal,
                    object_->id() + ": a removal needs a reader of the same source object");
    }
    return proxy->self();
  }

  std::shared_ptr<SourceObject> object_;
  std::uint32_t capabilities_;
  BatchCheck check_;
  std::optional<Schema> typed_;
  std::optional<Schema> raw_;
};

}  // namespace

Result<std::unique_ptr<Source>> make_source(const PluginComponent& component,
                                            const std::vector<Config::Entry>& entries,
                                            std::shared_ptr<HostServices> services,
                                            BatchCheck check) {
  DAYMILL_ASSIGN(auto object, SourceObject::create(component, entries, std::move(services)));
  return std::make_unique<SourceProxy>(std::move(object), component.capabilities, check);
}

}  // namespace daymill
