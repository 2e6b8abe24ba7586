#include "my_plugin.hpp"

#include <daymill/row_decoder.hpp>
#include <fstream>
#include <utility>

using namespace daymill;

namespace {

/// Raw rows, as the file holds them: they go into the snapshot.
class LineReader final : public Reader {
 public:
  LineReader(std::ifstream file, Host host) : file_(std::move(file)), host_(host) {}

  Result<ReadState> read(BatchBuilder& out) override {  // one page
    std::string line;
    while (!out.is_full()) {
      if (host_.stop_requested()) {
        return Status(Code::cancelled, "stopped while reading");
      }
      if (!std::getline(file_, line)) {
        return ReadState::end;
      }
      const std::size_t tab = line.find('\t');
      out.column(0).append_bytes(std::string_view(line).substr(0, tab));
      out.column(1).append_bytes(tab == std::string::npos ? ""
                                                          : std::string_view(line).substr(tab + 1));
      out.end_row();
    }
    return ReadState::more;
  }

 private:
  std::ifstream file_;
  Host host_;
};

/// Raw rows to typed rows and rejects. Runs on the snapshot's rows, so it needs no file.
class LineDecoder final : public Lane {
 public:
  explicit LineDecoder(const Schema& typed) : rows_(typed) {}

  Status process(RecordBatch in, Emitter& out) override {
    for (std::int64_t row = 0; row < in.num_rows(); ++row) {
      rows_.begin(row);
      rows_.set_text(0, in.column(0).bytes_at(row));  // not UTF-8: the row is rejected
      rows_.set_text(1, in.column(1).bytes_at(row));  // not an integer: likewise
      DAYMILL_TRY(rows_.end(out));
    }
    return rows_.flush(out);
  }

 private:
  RowDecoder rows_;
};

}  // namespace

ConfigSpec MyPlugin::spec() {
  return ConfigSpec("Reads words and counts, one file per day")
      .add(text_field("path", "The day's file; {date:%Y%m%d} becomes its date")
               .required()
               .example("\"data/words-{date:%Y%m%d}.tsv\""));
}

Result<std::unique_ptr<Source>> MyPlugin::create(const Config& config, Host host) {
  if (config.text("path").empty()) {
    return Status(Code::invalid_config, "path is empty, expected the name of a file");
  }
  DAYMILL_TRY(expand_date(config.text("path"), Partition{}));  // a bad template is found now
  return std::make_unique<MyPlugin>(config.text("path"), host);
}

MyPlugin::MyPlugin(std::string path, Host host) : path_(std::move(path)), host_(host) {}

Result<Schema> MyPlugin::schema() {
  return Schema{
      {{"word", Type::text, Role::key, false}, {"count", Type::int64, Role::measure, true}}};
}

Result<Schema> MyPlugin::raw_schema() {
  return Schema{
      {{"word", Type::binary, Role::key, false}, {"count", Type::binary, Role::attribute, false}}};
}

Result<std::vector<Split>> MyPlugin::plan(const Partition& partition) {
  DAYMILL_ASSIGN(const std::string path, expand_date(path_, partition));
  Split split;
  split.id = "words";
  split.location = "file " + path;
  split.present = std::ifstream(path).good();
  return std::vector<Split>{split};
}

Result<std::unique_ptr<Reader>> MyPlugin::open(const Partition& partition, const Split& split) {
  DAYMILL_ASSIGN(const std::string path, expand_date(path_, partition));
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return Status(Code::not_found, "cannot open the file").at(split.location);
  }
  return std::make_unique<LineReader>(std::move(file), host_);
}

Result<std::unique_ptr<Lane>> MyPlugin::decoder(const Partition& /*partition*/,
                                                std::string_view /*split_id*/) {
  DAYMILL_ASSIGN(const Schema typed, schema());
  return std::make_unique<LineDecoder>(typed);
}

DAYMILL_PLUGIN("my_plugin", "0.1.0", daymill::source<MyPlugin>("my_plugin", MyPlugin::spec()));
