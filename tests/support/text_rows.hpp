// Rows as texts, for tests of transforms: what goes in and what comes out can be read at a glance.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "daymill/plugin.hpp"

namespace daymill::support {

/// The cells of a row; null is "NULL", binary and text are their bytes.
using TextRow = std::vector<std::string>;
using TextRows = std::vector<TextRow>;

inline void append_text_cell(ColumnBuilder& column, const std::string& cell) {
  if (cell == "NULL") {
    column.append_null();
    return;
  }
  switch (column.type()) {
    case Type::boolean:
      column.append_boolean(parse_boolean(cell).value());
      break;
    case Type::int64:
      column.append_int64(parse_int64(cell).value());
      break;
    case Type::float64:
      column.append_float64(std::stod(cell));  // takes nan and inf too
      break;
    case Type::date:
      column.append_date(parse_date(cell).value());
      break;
    case Type::timestamp:
      column.append_int64(parse_timestamp(cell).value());
      break;
    case Type::text:
    case Type::binary:
      column.append_bytes(cell);
      break;
  }
}

inline RecordBatch batch_of(const Schema& schema, const TextRows& rows) {
  BatchBuilder builder(schema);
  for (const TextRow& row : rows) {
    for (std::size_t i = 0; i < schema.size(); ++i) {
      append_text_cell(builder.column(i), row.at(i));
    }
    builder.end_row();
  }
  return builder.finish();
}

inline std::string text_cell(Type type, const Column& column, std::int64_t row) {
  if (column.is_null(row)) {
    return "NULL";
  }
  switch (type) {
    case Type::boolean:
      return column.boolean(row) ? "true" : "false";
    case Type::int64:
      return std::to_string(column.int64s()[row]);
    case Type::float64:
      return float64_text(column.float64s()[row]);
    case Type::date:
      return date_text(column.dates()[row]);
    case Type::timestamp:
      return timestamp_text(column.int64s()[row]);
    case Type::text:
    case Type::binary:
      return std::string(column.bytes_at(row));
  }
  return {};
}

/// What a lane gave, batches and rejections; the rejections as "row reason: message".
struct TextEmitter final : Emitter {
  explicit TextEmitter(Schema output) : schema(std::move(output)) {}

  Status emit(RecordBatch batch) override {
    EXPECT_EQ(batch.num_columns(), schema.size());
    for (std::size_t i = 0; i < schema.size(); ++i) {
      EXPECT_EQ(batch.column(i).length(), batch.num_rows());
      EXPECT_TRUE(schema.fields[i].nullable || batch.column(i).null_count() == 0);
    }
    for (std::int64_t row = 0; row < batch.num_rows(); ++row) {
      TextRow cells;
      for (std::size_t i = 0; i < schema.size(); ++i) {
        cells.push_back(text_cell(schema.fields[i].type, batch.column(i), row));
      }
      rows.push_back(std::move(cells));
    }
    batches.push_back(std::move(batch));
    return {};
  }
  Status reject(const Rejection& rejection) override {
    rejects.push_back(std::to_string(rejection.row) + " " + std::string(rejection.reason) + ": " +
                      std::string(rejection.message));
    return {};
  }

  Schema schema;
  TextRows rows;
  std::vector<RecordBatch> batches;
  std::vector<std::string> rejects;
};

/// A host that keeps what it is told.
struct ListeningHost {
  std::vector<std::string> lines;
  bool stop = false;
  daymill_host c_host{
      sizeof(daymill_host), this,
      [](void* self, std::int32_t, daymill_text text) {
        static_cast<ListeningHost*>(self)->lines.emplace_back(text.data, text.size);
      },
      [](void* self) -> std::int32_t { return static_cast<ListeningHost*>(self)->stop ? 1 : 0; }};
  [[nodiscard]] Host host() const { return Host(&c_host); }
};

/// A transform from its making to the end of one partition.
struct TransformRun {
  Status status;
  TextRows rows;
  std::vector<std::string> rejects;
  Schema schema;
};

/// Creates T, binds it to `in` and gives it `batches`, on 2026-11-22. `status` is the first error.
template <typename T>
TransformRun run_transform(std::vector<Config::Entry> settings, const Schema& in,
                           const std::vector<TextRows>& batches, Host host = Host()) {
  TransformRun run;
  auto transform = T::create(Config(std::move(settings)), host);
  if (!transform.ok()) {
    run.status = transform.status();
    return run;
  }
  auto bound = (*transform)->bind(in);
  if (!bound.ok()) {
    run.status = bound.status();
    return run;
  }
  run.schema = *bound;
  auto lane = (*transform)->open(Partition{"2026-11-22", 20779, 0, 0});
  if (!lane.ok()) {
    run.status = lane.status();
    return run;
  }
  TextEmitter out(run.schema);
  for (const TextRows& batch : batches) {
    run.status = (*lane)->process(batch_of(in, batch), out);
    if (!run.status.ok()) {
      return run;
    }
  }
  run.status = (*lane)->finish(out);
  run.rows = std::move(out.rows);
  run.rejects = std::move(out.rejects);
  return run;
}

}  // namespace daymill::support
