#include "plugin/lane_proxy.hpp"

#include <utility>

#include "plugin/plugin_object.hpp"

namespace daymill {

namespace {

/// The engine's Emitter as a daymill_emitter, for one call of process or finish.
class EmitterTable {
 public:
  EmitterTable(const std::string& id, const Schema& output, BatchCheck check, Emitter& out,
               std::int64_t rows)
      : id_(id), output_(output), check_(check), out_(out), rows_(rows) {
    table_.self = this;
    table_.emit = &EmitterTable::emit;
    table_.reject = &EmitterTable::reject;
  }
  EmitterTable(const EmitterTable&) = delete;
  EmitterTable& operator=(const EmitterTable&) = delete;

  [[nodiscard]] const daymill_emitter* get() const { return &table_; }
  /// The first error of the engine or of a check: the plugin passes it on, but may not.
  [[nodiscard]] const Status& failure() const { return failure_; }

 private:
  static daymill_code emit(void* self, ArrowArray* batch, daymill_error* error) {
    const detail::ArrayOwner owner(batch);
    auto* table = static_cast<EmitterTable*>(self);
    return table->remember(error, [&]() -> Status {
      if (const Status checked = check_batch(*batch, table->output_, table->check_);
          !checked.ok()) {
        return plugin_breach(table->id_, checked.message());
      }
      return table->out_.emit(RecordBatch::import_from(batch));
    });
  }

  static daymill_code reject(void* self, const daymill_rejection* rejection, daymill_error* error) {
    auto* table = static_cast<EmitterTable*>(self);
    return table->remember(error, [&]() -> Status {
      const Rejection checked = detail::from_c(rejection);
      DAYMILL_TRY(table->check_rejection(checked));
      return table->out_.reject(checked);
    });
  }

  [[nodiscard]] Status check_rejection(const Rejection& rejection) const {
    if (rejection.row < 0 || rejection.row >= rows_) {
      return plugin_breach(id_, "it rejected row " + std::to_string(rejection.row) +
                                    " of a batch of " + std::to_string(rows_));
    }
    const auto columns = static_cast<std::int32_t>(output_.size());
    const std::int32_t measure = rejection.measure;
    if (measure != -1 &&
        (measure < 0 || measure >= columns ||
         output_.fields[static_cast<std::size_t>(measure)].role != Role::measure)) {
      return plugin_breach(id_, "it rejected a row of measure " + std::to_string(measure) +
                                    ", expected the index of a measure column or -1");
    }
    return {};
  }

  template <typename Body>
  daymill_code remember(daymill_error* error, Body&& body) {
    return detail::guarded(error, [&]() -> Status {
      DAYMILL_TRY(failure_);
      try {
        failure_ = body();
      } catch (const std::exception& exception) {
        failure_ = Status(Code::internal, std::string("uncaught exception: ") + exception.what());
      }
      return failure_;
    });
  }

  const std::string& id_;
  const Schema& output_;
  BatchCheck check_;
  Emitter& out_;
  std::int64_t rows_;
  Status failure_;
  daymill_emitter table_ = detail::empty_struct<daymill_emitter>();
};

class LaneProxy final : public Lane {
 public:
  LaneProxy(const std::string& id, daymill_lane lane, Schema output, BatchCheck check,
            std::shared_ptr<void> owner)
      : lane_(id, lane, std::move(owner)), output_(std::move(output)), check_(check) {}

  Status process(RecordBatch in, Emitter& out) override {
    EmitterTable emitter(lane_.id(), output_, check_, out, in.num_rows());
    ArrowArray batch{};
    std::move(in).export_to(&batch);
    const detail::ArrayOwner owner(&batch);  // of a plugin that did not take it
    const Status status = call_plugin(lane_.id(), [&](daymill_error* error) {
      return lane_.functions()->process(lane_.self(), &batch, emitter.get(), error);
    });
    return emitter.failure().ok() ? status : emitter.failure();
  }

  Status finish(Emitter& out) override {
    EmitterTable emitter(lane_.id(), output_, check_, out, 0);
    const Status status = call_plugin(lane_.id(), [&](daymill_error* error) {
      return lane_.functions()->finish(lane_.self(), emitter.get(), error);
    });
    return emitter.failure().ok() ? status : emitter.failure();
  }

 private:
  PluginHandle<daymill_lane> lane_;
  Schema output_;
  BatchCheck check_;
};

}  // namespace

Result<std::unique_ptr<Lane>> make_lane(const std::string& id, const char* function,
                                        daymill_lane lane, Schema output, BatchCheck check,
                                        std::shared_ptr<void> owner) {
  DAYMILL_TRY(check_handle(id, function, lane, &daymill_lane_functions::process,
                           &daymill_lane_functions::finish));
  return std::make_unique<LaneProxy>(id, lane, std::move(output), check, std::move(owner));
}

}  // namespace daymill
