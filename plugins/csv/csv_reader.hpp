// Reads one CSV file as raw rows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <daymill/plugin.hpp>
#include <daymill/whole_file.hpp>

#include "csv_parser.hpp"

namespace daymill::csv {

/// What a file has to look like.
struct CsvShape {
  Schema typed;  ///< the declared columns
  char delimiter = ',';
  char quote = '"';
  bool refuse_extra_columns = false;
  bool may_lack_columns = false;  ///< one of several files: all keys, and at least one measure
};

/// The declared columns as bytes, then the line on which the row begins, then how many fields the
/// row has more (or, negative, fewer) than the header. A declared column named like one of the two
/// is possible: they are found by position.
Schema raw_schema_of(const Schema& typed);

/// The first row is the header, whose names are matched with the declared columns in any order. An
/// absent value (nothing between two delimiters, or a column the file lacks) is null; of a text key
/// it is the empty text.
class CsvReader final : public Reader, private CsvRows {
 public:
  CsvReader(InputFile file, CsvShape shape, Host host);

  Result<ReadState> read(BatchBuilder& out) override;
  Result<Scan> confirm(std::int64_t distinct_rows) override;

 private:
  static constexpr std::size_t kChunkBytes = std::size_t{256} << 10;

  void row(std::int64_t line, const std::vector<CsvField>& fields) override;
  Status take_header(const std::vector<CsvField>& fields);
  Status check_columns() const;
  void append(std::int64_t line, const std::vector<CsvField>& fields);
  Status located(Status status) const;

  InputFile file_;
  CsvShape shape_;
  Host host_;
  CsvParser parser_;
  std::vector<char> chunk_;
  bool at_start_ = true;
  std::optional<std::size_t> header_fields_;
  std::string header_text_;
  std::vector<std::optional<std::size_t>> field_of_column_;
  BatchBuilder* out_ = nullptr;
  Status problem_;
};

}  // namespace daymill::csv
