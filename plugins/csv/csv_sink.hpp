// The sink `csv`: one file per day, replaced as a whole.
#pragma once

#include <memory>

#include <daymill/file_sink.hpp>

namespace daymill::csv {

class CsvSink final : public FileSink {
 public:
  static ConfigSpec spec();
  static Result<std::unique_ptr<Sink>> create(const Config& config, Host host);

 private:
  using FileSink::FileSink;
};

}  // namespace daymill::csv
