// Loading a day while it is read: rows go to the sink as soon as every split has been read past
// their keys, so that reading and writing take place at once.
//
// That rests on an order that a source promises nearly always to keep (Reader::position()), so
// nothing that matters rests on it: what is staged this way is only committed when every key came
// once, every split was read in one go without repeated rows, and the snapshots are what is
// committed (PROTOCOL's evidence rules are the same as for any load). Otherwise it is given up, and
// the day is loaded from its snapshots, as always. docs/adr/0011.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "daymill/plugin.hpp"
#include "run/load_path.hpp"
#include "run/reject_log.hpp"
#include "run/run_context.hpp"

namespace daymill {

/// follow → add... from the reading threads, and start meanwhile → finish → take. Destroyed before
/// take(): what is staged is given up.
class EarlyLoad {
 public:
  /// The sink belongs to this object until finish() returns.
  EarlyLoad(RunContext& context, Sink& sink, Attempt attempt, std::vector<LoadInput> inputs);
  ~EarlyLoad();
  EarlyLoad(const EarlyLoad&) = delete;
  EarlyLoad& operator=(const EarlyLoad&) = delete;

  /// Once, before start() and add(): where the inputs begin, and how many are read at once, those
  /// that begin first before the others. Gives up where more of them have the same keys.
  void follow(const std::vector<ReadPosition>& begins, std::size_t num_readers);
  /// On the control thread, once: begins the attempt in the sink. What is read meanwhile waits.
  /// Never fails: what cannot be loaded early is loaded later, and fails then.
  void start();
  /// Rows of inputs[input] as they were read, `bytes` in all, and how far the reading has come.
  /// Each input from one thread. Blocks while the input is far ahead of the others or the sink is
  /// far behind.
  void add(std::size_t input, std::shared_ptr<const RecordBatch> rows, std::size_t bytes,
           ReadPosition position);
  /// From any thread: there will be no early load. The reading need not care any more.
  void give_up(const std::string& why);
  [[nodiscard]] bool is_given_up() const;
  /// On the control thread, when nothing more is added: waits until the rows are staged, or given
  /// up. An input that was not added to its end gives up.
  void finish();
  /// Finishes. True: just what `receipts` name is staged in the sink, ready to commit. False:
  /// nothing is staged, and the log says why.
  bool take(const std::vector<Receipt>& receipts, RejectLog& rejects, LoadTotals& totals);

 private:
  struct Page {
    std::size_t input;
    std::shared_ptr<const RecordBatch> rows;
    std::uint64_t reached;
    std::size_t bytes;
  };
  struct Progress {
    ReadPosition position;
    std::deque<std::pair<std::uint64_t, std::size_t>> ahead;  // reached, bytes: of pages whose rows
                                                              // wait for another input
    bool waits = false;
  };

  Status begin();
  void advance();
  [[nodiscard]] bool are_far_ahead() const;
  [[nodiscard]] bool is_far_ahead(const Progress& progress) const;
  [[nodiscard]] bool all_wait() const;
  bool next_pages(std::deque<Page>& pages, std::uint64_t& complete);
  Status work();
  [[nodiscard]] std::string difference_from(const std::vector<Receipt>& receipts) const;
  void abandon() noexcept;

  RunContext& context_;
  Sink& sink_;
  const Attempt attempt_;
  const std::vector<LoadInput> inputs_;
  RejectLog rejects_;
  LoadTotals totals_;
  std::vector<std::int64_t>
      rows_;  // by input, that were decoded; the loading thread's until it ends
  std::unique_ptr<Writer> writer_;
  std::unique_ptr<LoadPath> path_;
  bool staged_ = false;  // something lies in the sink that is not taken yet

  mutable std::mutex mutex_;  // of all below
  std::condition_variable changed_;
  std::size_t num_readers_ = 0;
  std::vector<Progress> progress_;  // by input
  std::uint64_t complete_ = 0;      // the least of their places
  std::size_t ahead_bytes_ = 0;     // of all inputs' pages that wait for another
  std::deque<Page> pages_;
  std::size_t page_bytes_ = 0;
  bool given_up_ = false;
  std::string why_;

  std::thread thread_;
};

}  // namespace daymill
