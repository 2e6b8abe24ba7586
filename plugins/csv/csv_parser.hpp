// CSV text to rows of fields. libcsv does the work; it is included by csv_parser.cpp alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <daymill/status.hpp>

namespace daymill::csv {

/// One field: its bytes without the quotes around them. Empty without quotes is `absent`.
struct CsvField {
  std::string_view bytes;
  bool absent = false;
};

class CsvRows {
 public:
  virtual ~CsvRows() = default;
  /// `line` is the number, from 1, of the line on which the row begins. The fields are views, valid
  /// during the call. Must not throw.
  virtual void row(std::int64_t line, const std::vector<CsvField>& fields) = 0;
};

/// Strict RFC 4180: fields may be quoted and then hold delimiters, doubled quotes and line ends. A
/// quote anywhere else is an error. Spaces belong to the field. Lines end with LF, CR LF or CR;
/// empty lines are no rows. Not thread-safe.
class CsvParser {
 public:
  /// A row may not be longer: beyond it, most likely a closing quote is missing.
  static constexpr std::size_t kMaxRowBytes = std::size_t{4} << 20;

  CsvParser(char delimiter, char quote);
  ~CsvParser();
  CsvParser(CsvParser&&) noexcept;
  CsvParser& operator=(CsvParser&&) = delete;

  /// Parses some more bytes. INVALID_DATA says on which line the row with the error begins.
  Status feed(std::string_view bytes, CsvRows& rows);
  /// After the last byte: the last line need not end with a line end.
  Status finish(CsvRows& rows);
  /// Line on which the current row begins.
  [[nodiscard]] std::int64_t line() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace daymill::csv
