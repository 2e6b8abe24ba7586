// A C++ Sink and its Writer behind the functions of abi.h. Part of <daymill/plugin.hpp>: include
// that.
#pragma once

namespace daymill::detail {

inline daymill_code writer_write(void* self, ArrowArray* batch, daymill_error* error) {
  return guarded(error, [&] {
    const ArrayOwner owner(batch);
    return static_cast<Writer*>(self)->write(RecordBatch::import_from(batch));
  });
}

inline daymill_code writer_finish(void* self, daymill_error* error) {
  return guarded(error, [&] { return static_cast<Writer*>(self)->finish(); });
}

inline const daymill_writer_functions kWriterFunctions = {
    sizeof(daymill_writer_functions), destroy_thunk<Writer>, writer_write, writer_finish};

inline Sink* sink_of(void* self) {
  return static_cast<Sink*>(self);
}

inline daymill_code sink_bind(void* self, const daymill_schema* rows, daymill_text pipeline,
                              daymill_error* error) {
  return guarded(error, [&]() -> Status {
    DAYMILL_ASSIGN(const Schema schema, from_c(rows));
    return sink_of(self)->bind(schema, from_c(pipeline));
  });
}

inline daymill_code sink_receipts(void* self, const daymill_partition* partition,
                                  std::int32_t settle, daymill_evidence* out,
                                  daymill_error* error) {
  return guarded(error, [&]() -> Status {
    DAYMILL_ASSIGN(Evidence evidence, sink_of(self)->receipts(from_c(partition), settle != 0));
    own(std::move(evidence), out);
    return {};
  });
}

inline daymill_code sink_claim(void* self, const daymill_partition* partition, std::int64_t* epoch,
                               daymill_error* error) {
  return guarded(error, [&]() -> Status {
    DAYMILL_ASSIGN(*epoch, sink_of(self)->claim(from_c(partition)));
    return {};
  });
}

inline daymill_code sink_begin(void* self, const daymill_attempt* attempt, daymill_error* error) {
  return guarded(error, [&] { return sink_of(self)->begin(from_c(attempt)); });
}

inline daymill_code sink_open(void* self, daymill_writer* out, daymill_error* error) {
  return guarded(error, [&] { return hand_out(sink_of(self)->open(), &kWriterFunctions, out); });
}

inline daymill_code sink_reject(void* self, std::size_t count, const daymill_reject_row* rows,
                                daymill_error* error) {
  return guarded(error, [&] { return sink_of(self)->reject(from_c(count, rows)); });
}

inline daymill_code sink_commit(void* self, const daymill_load* load, std::size_t count,
                                const daymill_receipt* receipts, daymill_error* error) {
  return guarded(error,
                 [&] { return sink_of(self)->commit(from_c(load), from_c(count, receipts)); });
}

inline void sink_abort(void* self) {
  sink_of(self)->abort();  // noexcept
}

inline daymill_code sink_mark_removed(void* self, const daymill_partition* partition,
                                      daymill_text split, std::int64_t generation,
                                      daymill_error* error) {
  return guarded(error, [&] {
    return sink_of(self)->mark_removed(from_c(partition), from_c(split), generation);
  });
}

inline daymill_code sink_identity(void* self, daymill_text_list* out, daymill_error* error) {
  return guarded(error, [&]() -> Status {
    DAYMILL_ASSIGN(std::string identity, sink_of(self)->identity());
    own(std::vector<std::string>{std::move(identity)}, out);
    return {};
  });
}

inline daymill_code sink_check(void* self, daymill_text_list* out, daymill_error* error) {
  return guarded(error, [&]() -> Status {
    DAYMILL_ASSIGN(std::vector<std::string> findings, sink_of(self)->check());
    own(std::move(findings), out);
    return {};
  });
}

inline daymill_code sink_history(void* self, daymill_history* out, daymill_error* error) {
  return guarded(error, [&]() -> Status {
    DAYMILL_ASSIGN(std::vector<PartitionEvidence> history, sink_of(self)->history());
    own(std::move(history), out);
    return {};
  });
}

inline daymill_code sink_difference(void* self, std::int64_t max_examples, daymill_difference* out,
                                    daymill_error* error) {
  return guarded(error, [&]() -> Status {
    DAYMILL_ASSIGN(Difference difference, sink_of(self)->difference(max_examples));
    own(std::move(difference), out);
    return {};
  });
}

inline daymill_code sink_rejects(void* self, const daymill_partition* partition,
                                 std::int64_t max_rows, daymill_reject_list* out,
                                 daymill_error* error) {
  return guarded(error, [&]() -> Status {
    DAYMILL_ASSIGN(std::vector<RejectRow> rows,
                   sink_of(self)->rejects(from_c(partition), max_rows));
    own(std::move(rows), out);
    return {};
  });
}

inline daymill_code sink_note_decision(void* self, const daymill_partition* partition,
                                       const daymill_decision* decision, daymill_error* error) {
  return guarded(error,
                 [&] { return sink_of(self)->note_decision(from_c(partition), from_c(decision)); });
}

inline daymill_code sink_check_rows(void* self, const daymill_schema* rows, daymill_error* error) {
  return guarded(error, [&]() -> Status {
    DAYMILL_ASSIGN(const Schema schema, from_c(rows));
    return sink_of(self)->check_rows(schema);
  });
}

template <typename T>
inline const daymill_sink_functions kSinkFunctions = {sizeof(daymill_sink_functions),
                                                      create_thunk<Sink, T>,
                                                      destroy_thunk<Sink>,
                                                      sink_bind,
                                                      sink_receipts,
                                                      sink_claim,
                                                      sink_begin,
                                                      sink_open,
                                                      sink_reject,
                                                      sink_commit,
                                                      sink_abort,
                                                      sink_mark_removed,
                                                      sink_identity,
                                                      sink_check,
                                                      sink_history,
                                                      sink_difference,
                                                      sink_rejects,
                                                      sink_note_decision,
                                                      sink_check_rows};

}  // namespace daymill::detail
