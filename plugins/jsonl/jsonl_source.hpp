// The source `jsonl`: one or several files of JSON lines per day.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <daymill/plugin.hpp>

#include "jsonl_reader.hpp"

namespace daymill::jsonl {

/// One split per file. Reading needs the files, decoding does not.
class JsonlSource final : public Source {
 public:
  static ConfigSpec spec();
  static Result<std::unique_ptr<Source>> create(const Config& config, Host host);

  Result<Schema> schema() override { return typed_; }
  Result<Schema> raw_schema() override { return jsonl::raw_schema(); }
  Result<std::vector<Split>> plan(const Partition& partition) override;
  Result<std::unique_ptr<Reader>> open(const Partition& partition, const Split& split) override;
  Result<std::unique_ptr<Lane>> decoder(const Partition& partition,
                                        std::string_view split_id) override;
  Result<std::vector<std::string>> check() override;

 private:
  struct File {
    std::string name;  ///< empty: named by its path
    std::string path;  ///< template
  };
  struct Place {
    std::string id;
    std::string path;
  };

  JsonlSource(Schema typed, std::vector<File> files, Host host)
      : typed_(std::move(typed)), files_(std::move(files)), host_(host) {}
  Result<std::vector<Place>> places(const Partition& partition) const;

  Schema typed_;
  std::vector<File> files_;
  Host host_;
};

}  // namespace daymill::jsonl
