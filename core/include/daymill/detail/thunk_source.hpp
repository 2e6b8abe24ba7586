// A C++ Source and its Reader behind the functions of abi.h. Part of <daymill/plugin.hpp>: include
// that.
#pragma once

namespace daymill::detail {

/// A reader as the host holds it: the plugin's Reader and the builder of its raw batches.
struct ReaderHandle {
  std::unique_ptr<Reader> reader;
  BatchBuilder builder;
};

inline daymill_code reader_read(void* self, ArrowArray* batch, std::int32_t* state,
                                daymill_error* error) {
  return guarded(error, [&]() -> Status {
    auto* handle = static_cast<ReaderHandle*>(self);
    *batch = ArrowArray{};
    DAYMILL_ASSIGN(const ReadState read, handle->reader->read(handle->builder));
    if (handle->builder.num_rows() != 0) {
      handle->builder.finish().export_to(batch);
    }
    *state = static_cast<std::int32_t>(read);
    return {};
  });
}

inline daymill_code reader_confirm(void* self, std::int64_t distinct_rows, std::int32_t* answer,
                                   daymill_error* error) {
  return guarded(error, [&]() -> Status {
    DAYMILL_ASSIGN(const Scan scan,
                   static_cast<ReaderHandle*>(self)->reader->confirm(distinct_rows));
    *answer = static_cast<std::int32_t>(scan);
    return {};
  });
}

inline daymill_code reader_position(void* self, std::uint64_t* complete, std::uint64_t* reached,
                                    daymill_error* error) {
  return guarded(error, [&]() -> Status {
    DAYMILL_ASSIGN(const ReadPosition position,
                   static_cast<ReaderHandle*>(self)->reader->position());
    *complete = position.complete;
    *reached = position.reached;
    return {};
  });
}

inline const daymill_reader_functions kReaderFunctions = {sizeof(daymill_reader_functions),
                                                          destroy_thunk<ReaderHandle>, reader_read,
                                                          reader_confirm, reader_position};

inline Source* source_of(void* self) {
  return static_cast<Source*>(self);
}

inline daymill_code source_schema(void* self, daymill_schema* out, daymill_error* error) {
  return guarded(error, [&]() -> Status {
    DAYMILL_ASSIGN(Schema schema, source_of(self)->schema());
    own(std::move(schema), out);
    return {};
  });
}

inline daymill_code source_raw_schema(void* self, daymill_schema* out, daymill_error* error) {
  return guarded(error, [&]() -> Status {
    DAYMILL_ASSIGN(Schema schema, source_of(self)->raw_schema());
    own(std::move(schema), out);
    return {};
  });
}

inline daymill_code source_plan(void* self, const daymill_partition* partition,
                                daymill_split_list* out, daymill_error* error) {
  return guarded(error, [&]() -> Status {
    DAYMILL_ASSIGN(std::vector<Split> splits, source_of(self)->plan(from_c(partition)));
    own(std::move(splits), out);
    return {};
  });
}

inline daymill_code source_open(void* self, const daymill_partition* partition,
                                const daymill_split* split, daymill_reader* out,
                                daymill_error* error) {
  return guarded(error, [&]() -> Status {
    DAYMILL_ASSIGN(const Schema raw, source_of(self)->raw_schema());
    DAYMILL_ASSIGN(std::unique_ptr<Reader> reader,
                   source_of(self)->open(from_c(partition), from_c(split)));
    if (reader == nullptr) {
      return Status(Code::internal, "open returned a null reader without an error");
    }
    auto handle =
        std::make_unique<ReaderHandle>(ReaderHandle{std::move(reader), BatchBuilder(raw)});
    return hand_out<daymill_reader>(Result<std::unique_ptr<ReaderHandle>>(std::move(handle)),
                                    &kReaderFunctions, out);
  });
}

inline daymill_code source_decoder(void* self, const daymill_partition* partition,
                                   daymill_text split_id, daymill_lane* out, daymill_error* error) {
  return guarded(error, [&] {
    return hand_out(source_of(self)->decoder(from_c(partition), view_of(split_id)), &kLaneFunctions,
                    out);
  });
}

inline daymill_code source_remove(void* self, const daymill_partition* partition,
                                  const daymill_split* split, const daymill_removal* removal,
                                  std::int32_t* answer, daymill_error* error) {
  return guarded(error, [&]() -> Status {
    auto* handle = static_cast<ReaderHandle*>(known_part(removal).reader);
    const RemovalProof proof = from_c(removal, handle == nullptr ? nullptr : handle->reader.get());
    DAYMILL_ASSIGN(const Removal removed,
                   source_of(self)->remove(from_c(partition), from_c(split), proof));
    *answer = static_cast<std::int32_t>(removed);
    return {};
  });
}

inline daymill_code source_inventory(void* self, daymill_text_list* out, daymill_error* error) {
  return guarded(error, [&]() -> Status {
    DAYMILL_ASSIGN(std::vector<std::string> labels, source_of(self)->inventory());
    own(std::move(labels), out);
    return {};
  });
}

inline daymill_code source_check(void* self, daymill_text_list* out, daymill_error* error) {
  return guarded(error, [&]() -> Status {
    DAYMILL_ASSIGN(std::vector<std::string> findings, source_of(self)->check());
    own(std::move(findings), out);
    return {};
  });
}

template <typename T>
inline const daymill_source_functions kSourceFunctions = {sizeof(daymill_source_functions),
                                                          create_thunk<Source, T>,
                                                          destroy_thunk<Source>,
                                                          source_schema,
                                                          source_raw_schema,
                                                          source_plan,
                                                          source_open,
                                                          source_decoder,
                                                          source_remove,
                                                          source_inventory,
                                                          source_check};

}  // namespace daymill::detail
