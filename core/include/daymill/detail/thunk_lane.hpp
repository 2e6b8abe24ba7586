// A C++ Lane behind daymill_lane_functions, and the host's emitter as the lane sees it. Part of
// <daymill/plugin.hpp>: include that.
#pragma once

namespace daymill::detail {

/// The host's daymill_emitter as an Emitter.
class HostEmitter final : public Emitter {
 public:
  explicit HostEmitter(const daymill_emitter* emitter) : emitter_(emitter) {}

  Status emit(RecordBatch batch) override {
    ArrowArray array{};
    std::move(batch).export_to(&array);
    Received<daymill_error> error;
    const daymill_code code = emitter_->emit(emitter_->self, &array, error.out());
    return from_c(code, error);
  }
  Status reject(const Rejection& rejection) override {
    const daymill_rejection view = to_c(rejection);
    Received<daymill_error> error;
    const daymill_code code = emitter_->reject(emitter_->self, &view, error.out());
    return from_c(code, error);
  }

 private:
  const daymill_emitter* emitter_;
};

inline daymill_code lane_process(void* lane, ArrowArray* batch, const daymill_emitter* emitter,
                                 daymill_error* error) {
  return guarded(error, [&] {
    const ArrayOwner owner(batch);
    HostEmitter out(emitter);
    return static_cast<Lane*>(lane)->process(RecordBatch::import_from(batch), out);
  });
}

inline daymill_code lane_finish(void* lane, const daymill_emitter* emitter, daymill_error* error) {
  return guarded(error, [&] {
    HostEmitter out(emitter);
    return static_cast<Lane*>(lane)->finish(out);
  });
}

inline const daymill_lane_functions kLaneFunctions = {
    sizeof(daymill_lane_functions), destroy_thunk<Lane>, lane_process, lane_finish};

}  // namespace daymill::detail
