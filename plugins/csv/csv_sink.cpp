#include "csv_sink.hpp"

#include <utility>

#include "csv_text.hpp"

namespace daymill::csv {
namespace {

class CsvFormat final : public FileFormat {
 public:
  explicit CsvFormat(char delimiter) : delimiter_(delimiter) {}

  [[nodiscard]] const char* id() const override { return "csv"; }
  [[nodiscard]] const char* name() const override { return "CSV"; }
  void append_header(std::string& out, const Schema& rows, const First& first) const override {
    append_csv_header(out, rows, first, delimiter_);
  }
  Status append_rows(std::string& out, const Schema& rows, const RecordBatch& batch,
                     const First& first) const override {
    return append_csv_rows(out, rows, batch, first, delimiter_);
  }

 private:
  char delimiter_;
};

}  // namespace

ConfigSpec CsvSink::spec() {
  return ConfigSpec("Writes one CSV file per day, with a header line; replaces it as a whole")
      .add(text_field("path",
                      "File of the day; {date:%Y%m%d} becomes its date. Relative to the working "
                      "directory")
               .required()
               .example("\"out/analytics-{date:%Y%m%d}.csv\""))
      .add(text_field("partition_column", "Name of a first column that holds the day's date")
               .example("\"date\""))
      .add(text_field("delimiter", "One ASCII character between fields").defaults_to(","))
      .add(boolean_field("create", "Make the folder of the file when it is missing")
               .defaults_to(false));
}

Result<std::unique_ptr<Sink>> CsvSink::create(const Config& config, Host /*host*/) {
  DAYMILL_ASSIGN(const char delimiter, single_character(config, "delimiter"));
  DAYMILL_TRY(check_path(config, "csv"));
  if (delimiter == '"') {
    return Status(Code::invalid_config, "csv: the delimiter cannot be a quote");
  }
  return std::unique_ptr<Sink>(new CsvSink(config, std::make_unique<CsvFormat>(delimiter)));
}

}  // namespace daymill::csv
