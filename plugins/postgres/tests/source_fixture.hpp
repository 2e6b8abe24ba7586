// The source against a real server: what it reads, as lines.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sink_fixture.hpp"
#include "source.hpp"

namespace daymill::postgres {

using Lines = std::vector<std::string>;
using Columns = std::vector<std::pair<std::string, std::string>>;

/// Settings of a source of the table counts (day, ad_id, word, clicks).
struct Declared {
  std::string query = "SELECT ad_id, word, clicks FROM counts WHERE day = {date}";
  Columns columns = {{"ad_id", "int64"}, {"word", "text"}, {"clicks", "int64"}};
  Lines keys = {"ad_id", "word"};
  Lines measures = {"clicks"};
  Overrides settings = {};
};
[[nodiscard]] Config source_config(int port, const std::string& database, const Declared& declared);

/// What a split gives, decoded: "7|shoes|3" a row, NULL as ~, and the rejects' reasons, messages
/// and amounts.
struct Read {
  Lines rows;
  Lines rejects;
  int pages = 0;
};
Status read_into(Source& source, Reader& reader, Lane& decoder, Read& read);
/// Plans, opens all splits, then reads them, as the engine does; everything sorted.
Result<Read> read_day(Source& source, const std::string& label = "2026-11-22");

class SourceTest : public SinkTest {
 protected:
  [[nodiscard]] std::unique_ptr<Source> source(const Declared& declared = {});
  /// Of creating the source or of reading a day.
  [[nodiscard]] Status refusal(const Declared& declared);
  void create_counts();
  /// Sessions of others in the test's database.
  [[nodiscard]] std::string sessions();
  [[nodiscard]] std::string sessions_in_a_transaction();
};

}  // namespace daymill::postgres
