#include "jsonl_sink.hpp"

#include <utility>

#include "json_text.hpp"

namespace daymill::jsonl {
namespace {

class JsonLines final : public FileFormat {
 public:
  [[nodiscard]] const char* id() const override { return "jsonl"; }
  [[nodiscard]] const char* name() const override { return "JSON"; }
  void append_header(std::string& /*out*/, const Schema& /*rows*/,
                     const First& /*first*/) const override {}
  Status append_rows(std::string& out, const Schema& rows, const RecordBatch& batch,
                     const First& first) const override {
    return append_json_rows(out, rows, batch, first);
  }
};

}  // namespace

ConfigSpec JsonlSink::spec() {
  return ConfigSpec("Writes one file of JSON lines per day; replaces it as a whole")
      .add(text_field("path",
                      "File of the day; {date:%Y%m%d} becomes its date. Relative to the working "
                      "directory")
               .required()
               .example("\"out/analytics-{date:%Y%m%d}.jsonl\""))
      .add(text_field("partition_column", "Name of a first member that holds the day's date")
               .example("\"date\""))
      .add(boolean_field("create", "Make the folder of the file when it is missing")
               .defaults_to(false));
}

Result<std::unique_ptr<Sink>> JsonlSink::create(const Config& config, Host /*host*/) {
  DAYMILL_TRY(check_path(config, "jsonl"));
  return std::unique_ptr<Sink>(new JsonlSink(config, std::make_unique<JsonLines>()));
}

}  // namespace daymill::jsonl
