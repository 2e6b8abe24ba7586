#include "jsonl_source.hpp"

#include <filesystem>
#include <set>

#include <daymill/declared_columns.hpp>
#include <daymill/row_decoder.hpp>

namespace daymill::jsonl {
namespace {

/// Raw rows (raw_schema) to typed rows and rejections.
class JsonlLane final : public Lane {
 public:
  explicit JsonlLane(const Schema& typed) : rows_(typed), parsed_(typed) {}

  Status process(RecordBatch in, Emitter& out) override {
    for (std::int64_t row = 0; row < in.num_rows(); ++row) {
      rows_.begin(row, "line", in.column(2).int64s()[row]);
      if (parsed_.parse(in.column(1).bytes_at(row))) {
        for (std::size_t column = 0; column < rows_.schema().size(); ++column) {
          set(column);
        }
      } else {
        rows_.fail(parsed_.reason(), parsed_.message());
      }
      DAYMILL_TRY(rows_.end(out));
    }
    return rows_.flush(out);
  }

 private:
  void set(std::size_t column) {
    const JsonValue& value = parsed_.value(column);
    if (value.kind == JsonValue::Kind::absent || value.kind == JsonValue::Kind::null) {
      return;
    }
    const Field& field = rows_.schema().fields[column];
    if (!parsed_.fits(column)) {
      if (field.type == Type::text) {
        rows_.fail("value.not_text", "column \"" + field.name + "\": found " +
                                         printable(value.text) + ", expected a JSON string");
      } else {
        rows_.fail_value(column, value.text);
      }
    } else if (field.type == Type::int64) {
      rows_.set_int64(column, value.integer);
    } else if (field.type == Type::float64) {
      rows_.set_float64(column, value.number);
    } else {
      rows_.set_text(column, value.text);
    }
  }

  RowDecoder rows_;
  JsonLine parsed_;
};

}  // namespace

ConfigSpec JsonlSource::spec() {
  return declare_columns(
      ConfigSpec("Reads files of JSON lines (one object per line), one or several per day")
          .add(
              text_field("path",
                         "File of the day; {date:%Y%m%d} becomes its date. Relative to the working "
                         "directory. Either this or `files`")
                  .example("\"data/clicks-{date:%Y%m%d}.jsonl\""))
          .add(text_map_field("files",
                              "Several files of the day: a name, stable over time, to the path")
                   .example(R"({"clicks": "data/clicks-{date:%Y%m%d}.jsonl"})")));
}

Result<std::unique_ptr<Source>> JsonlSource::create(const Config& config, Host host) {
  DAYMILL_ASSIGN(Schema typed, declared_schema(config));
  std::vector<File> files;
  std::set<std::string> paths;
  if (config.has("path")) {
    files.push_back(File{"", config.text("path")});
  }
  for (const auto& [name, path] : config.map("files")) {
    files.push_back(File{name, path});
    if (!paths.insert(path).second) {
      return Status(Code::invalid_config, "jsonl: files names the path \"" + path +
                                              "\" twice, its rows would count twice");
    }
  }
  if (files.empty() || (config.has("path") && files.size() > 1)) {
    return Status(Code::invalid_config, "jsonl: expected either `path` or `files`, found " +
                                            std::string(files.empty() ? "neither" : "both"));
  }
  for (const File& file : files) {
    DAYMILL_TRY(expand_date(file.path, Partition{}));
  }
  return std::unique_ptr<Source>(new JsonlSource(std::move(typed), std::move(files), host));
}

Result<std::vector<JsonlSource::Place>> JsonlSource::places(const Partition& partition) const {
  std::vector<Place> places;
  for (const File& file : files_) {
    DAYMILL_ASSIGN(std::string path, expand_date(file.path, partition));
    std::string id =
        file.name.empty() ? std::filesystem::path(path).filename().string() : file.name;
    places.push_back(Place{std::move(id), std::move(path)});
  }
  return places;
}

Result<std::vector<Split>> JsonlSource::plan(const Partition& partition) {
  DAYMILL_ASSIGN(const std::vector<Place> found, places(partition));
  std::vector<Split> splits;
  for (const Place& place : found) {
    Split split;
    split.id = place.id;
    split.location = "file " + place.path;
    split.present = is_regular_file(place.path);
    splits.push_back(std::move(split));
  }
  return splits;
}

Result<std::unique_ptr<Reader>> JsonlSource::open(const Partition& partition, const Split& split) {
  DAYMILL_ASSIGN(const std::vector<Place> found, places(partition));
  for (const Place& place : found) {
    if (place.id == split.id) {
      DAYMILL_ASSIGN(InputFile file, InputFile::open(place.path));
      return std::unique_ptr<Reader>(std::make_unique<JsonlReader>(std::move(file), typed_, host_));
    }
  }
  return Status(Code::not_found, "jsonl: the source has no split \"" + split.id + "\"");
}

Result<std::unique_ptr<Lane>> JsonlSource::decoder(const Partition& /*partition*/,
                                                   std::string_view /*split_id*/) {
  return std::unique_ptr<Lane>(std::make_unique<JsonlLane>(typed_));
}

Result<std::vector<std::string>> JsonlSource::check() {
  std::vector<std::string> findings;
  for (const File& file : files_) {
    if (file.path.find("{date") == std::string::npos) {
      findings.push_back("warning: jsonl: the path " + file.path +
                         " has no {date:...}, so that every day reads the same file");
    }
  }
  return findings;
}

}  // namespace daymill::jsonl
