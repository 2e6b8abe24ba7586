#include "csv_source.hpp"

#include <filesystem>
#include <set>

#include <daymill/declared_columns.hpp>
#include <daymill/row_decoder.hpp>

#include "csv_text.hpp"

namespace daymill::csv {
namespace {

/// Raw rows (raw_schema_of) to typed rows and rejections.
class CsvLane final : public Lane {
 public:
  explicit CsvLane(const Schema& typed) : rows_(typed) {}

  Status process(RecordBatch in, Emitter& out) override {
    const std::size_t columns = rows_.schema().size();
    const std::int64_t* lines = in.column(columns).int64s();
    const std::int64_t* surplus = in.column(columns + 1).int64s();
    for (std::int64_t row = 0; row < in.num_rows(); ++row) {
      rows_.begin(row, "line", lines[row]);
      check_fields(surplus[row]);
      for (std::size_t column = 0; column < columns; ++column) {
        if (!in.column(column).is_null(row)) {
          rows_.set_text(column, in.column(column).bytes_at(row));
        }
      }
      DAYMILL_TRY(rows_.end(out));
    }
    return rows_.flush(out);
  }

 private:
  void check_fields(std::int64_t surplus) {
    if (surplus < 0) {
      rows_.fail("row.too_few_fields",
                 "the row has " + std::to_string(-surplus) + " fields fewer than the header");
    } else if (surplus > 0) {
      rows_.fail("row.too_many_fields",
                 "the row has " + std::to_string(surplus) + " fields more than the header");
    }
  }

  RowDecoder rows_;
};

}  // namespace

ConfigSpec CsvSource::spec() {
  return declare_columns(
      ConfigSpec("Reads CSV files with a header line, one or several per day")
          .add(
              text_field("path",
                         "File of the day; {date:%Y%m%d} becomes its date. Relative to the working "
                         "directory. Either this or `files`")
                  .example("\"data/clicks-{date:%Y%m%d}.csv\""))
          .add(text_map_field(
                   "files",
                   "Several files of the day: a name, stable over time, to the path. Each "
                   "needs all keys and at least one measure")
                   .example(R"({"clicks": "data/clicks-{date:%Y%m%d}.csv"})"))
          .add(text_field("delimiter", "One ASCII character between fields").defaults_to(","))
          .add(text_field("quote", "One ASCII character around quoted fields").defaults_to("\""))
          .add(text_field("extra_columns", "What to do with columns that are not declared")
                   .one_of({"ignore", "error"})
                   .defaults_to("ignore")));
}

Result<std::unique_ptr<Source>> CsvSource::create(const Config& config, Host host) {
  CsvShape shape;
  DAYMILL_ASSIGN(shape.typed, declared_schema(config));
  DAYMILL_ASSIGN(shape.delimiter, single_character(config, "delimiter"));
  DAYMILL_ASSIGN(shape.quote, single_character(config, "quote"));
  if (shape.delimiter == shape.quote) {
    return Status(Code::invalid_config, "csv: delimiter and quote are the same character");
  }
  shape.refuse_extra_columns = config.text("extra_columns") == "error";
  std::vector<File> files;
  std::set<std::string> paths;
  if (config.has("path")) {
    files.push_back(File{"", config.text("path")});
  }
  for (const auto& [name, path] : config.map("files")) {
    files.push_back(File{name, path});
    if (!paths.insert(path).second) {
      return Status(Code::invalid_config,
                    "csv: files names the path \"" + path + "\" twice, its rows would count twice");
    }
  }
  if (files.empty() || (config.has("path") && files.size() > 1)) {
    return Status(Code::invalid_config, "csv: expected either `path` or `files`, found " +
                                            std::string(files.empty() ? "neither" : "both"));
  }
  for (const File& file : files) {
    DAYMILL_TRY(expand_date(file.path, Partition{}));
  }
  shape.may_lack_columns = files.size() > 1;
  return std::unique_ptr<Source>(new CsvSource(std::move(shape), std::move(files), host));
}

Result<std::vector<CsvSource::Place>> CsvSource::places(const Partition& partition) const {
  std::vector<Place> places;
  for (const File& file : files_) {
    DAYMILL_ASSIGN(std::string path, expand_date(file.path, partition));
    std::string id =
        file.name.empty() ? std::filesystem::path(path).filename().string() : file.name;
    places.push_back(Place{std::move(id), std::move(path)});
  }
  return places;
}

Result<std::vector<Split>> CsvSource::plan(const Partition& partition) {
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

Result<std::unique_ptr<Reader>> CsvSource::open(const Partition& partition, const Split& split) {
  DAYMILL_ASSIGN(const std::vector<Place> found, places(partition));
  for (const Place& place : found) {
    if (place.id == split.id) {
      DAYMILL_ASSIGN(InputFile file, InputFile::open(place.path));
      return std::unique_ptr<Reader>(std::make_unique<CsvReader>(std::move(file), shape_, host_));
    }
  }
  return Status(Code::not_found, "csv: the source has no split \"" + split.id + "\"");
}

Result<std::unique_ptr<Lane>> CsvSource::decoder(const Partition& /*partition*/,
                                                 std::string_view /*split_id*/) {
  return std::unique_ptr<Lane>(std::make_unique<CsvLane>(shape_.typed));
}

Result<std::vector<std::string>> CsvSource::check() {
  std::vector<std::string> findings;
  for (const File& file : files_) {
    if (file.path.find("{date") == std::string::npos) {
      findings.push_back("warning: csv: the path " + file.path +
                         " has no {date:...}, so that every day reads the same file");
    }
  }
  return findings;
}

}  // namespace daymill::csv
