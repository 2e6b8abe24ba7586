#include "query_reader.hpp"

#include <algorithm>
#include <utility>

#include "query_page.hpp"

namespace daymill::postgres {
namespace {

constexpr std::int64_t kFirstRows = 500;  // before it is known how large rows are
constexpr std::size_t kPageBytes = BatchBuilder::kTargetBytes;

class QueryReader final : public Reader {
 public:
  QueryReader(ReadingSession session, std::vector<Wire> wires)
      : session_(std::move(session)), wires_(std::move(wires)) {}

  ~QueryReader() override {
    if (session_.connection != nullptr) {
      session_.connection->cancel();  // given up in the middle
    }
  }

  /// The next page is asked for before this one is given away: while the engine writes it down, the
  /// server finds the next.
  Result<ReadState> read(BatchBuilder& out) override {
    if (!std::exchange(asked_, true)) {
      DAYMILL_TRY(ask());
    }
    DAYMILL_ASSIGN(const Rows page, session_.connection->receive());
    std::size_t bytes = 0;
    DAYMILL_TRY(append_page(page, wires_, out, bytes).at(session_.connection->place()));
    if (page.size() < page_rows_) {
      session_.end();
      return ReadState::end;
    }
    const std::int64_t fitting = static_cast<std::int64_t>(kPageBytes) * page_rows_ /
                                 std::max<std::int64_t>(1, static_cast<std::int64_t>(bytes));
    page_rows_ =
        std::clamp<std::int64_t>(fitting, 1, std::min(4 * page_rows_, BatchBuilder::kTargetRows));
    DAYMILL_TRY(ask());
    return ReadState::more;
  }

 private:
  Status ask() {
    return session_.connection->send_binary("FETCH FORWARD " + std::to_string(page_rows_) +
                                            " FROM daymill_rows");
  }

  ReadingSession session_;
  std::vector<Wire> wires_;
  std::int64_t page_rows_ = kFirstRows;
  bool asked_ = false;
};

}  // namespace

Result<std::unique_ptr<Reader>> open_query(ReadingSession session, const std::string& select,
                                           const Params& params, std::vector<Wire> wires) {
  DAYMILL_TRY(
      session.connection->exec("DECLARE daymill_rows NO SCROLL CURSOR FOR " + select, params));
  return std::unique_ptr<Reader>(
      std::make_unique<QueryReader>(std::move(session), std::move(wires)));
}

}  // namespace daymill::postgres
