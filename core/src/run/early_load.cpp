#include "run/early_load.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <future>
#include <numeric>
#include <utility>

#include "run/cancellation.hpp"

namespace daymill {

namespace {

/// Raw rows that wait for the loading thread.
constexpr std::size_t kQueueBytes = std::size_t{4} << 20;
/// Worth waking the loading thread for.
constexpr std::size_t kBytesAtOnce = std::size_t{128} << 10;
/// Inputs that are further ahead of another, all together, wait for it.
constexpr std::size_t kAheadBytes = std::size_t{1024} << 10;
/// Rows are sorted among so many: an index is built faster from long sorted runs.
constexpr std::int64_t kKeysAtOnce = 32 * 1024;
/// A sink that takes nothing for so long must not keep the source from being read.
constexpr std::chrono::seconds kPatience{10};
constexpr std::chrono::milliseconds kLookAgain{100};
constexpr const char* kTooMany = "more splits have the same keys than are read at once";

Status given_up() {
  return Status(Code::cancelled, "given up");
}

Status out_of_order() {
  return Status(Code::conflict, "a key came out of order");
}

}  // namespace

EarlyLoad::EarlyLoad(RunContext& context, Sink& sink, Attempt attempt,
                     std::vector<LoadInput> inputs)
    : context_(context),
      sink_(sink),
      attempt_(std::move(attempt)),
      inputs_(std::move(inputs)),
      rejects_(context.pipeline.definition.rejects, context.pipeline.source_schema),
      rows_(inputs_.size()),
      progress_(inputs_.size()) {}

void EarlyLoad::start() {
  if (const std::lock_guard lock(mutex_); given_up_) {
    return;
  }
  if (const Status status = begin(); !status.ok()) {
    give_up(status.message());
    return;
  }
  context_.log.write(LogLevel::debug, "engine", "loading begins while the day is read");
  thread_ = std::thread([this] {
    try {
      if (const Status status = work(); !status.ok()) {
        give_up(status.message());
      }
    } catch (const std::exception& error) {  // out of memory, say: then not at the same time
      give_up(error.what());
    }
  });
}

EarlyLoad::~EarlyLoad() {
  if (thread_.joinable()) {
    give_up("it is not wanted any more");
    thread_.join();
  }
  abandon();
}

Status EarlyLoad::begin() {
  staged_ = true;
  DAYMILL_TRY(sink_.begin(attempt_));
  DAYMILL_ASSIGN(writer_, sink_.open());
  path_ = std::make_unique<LoadPath>(context_.pipeline, *writer_, rejects_,
                                     context_.settings.memory_limit);
  return path_->open(context_.partition, inputs_);
}

/// Gives back what is staged.
void EarlyLoad::abandon() noexcept {
  path_.reset();
  writer_.reset();
  if (std::exchange(staged_, false)) {
    sink_.abort();
  }
}

void EarlyLoad::give_up(const std::string& why) {
  const std::lock_guard lock(mutex_);
  if (!std::exchange(given_up_, true)) {
    why_ = why;
    pages_.clear();
  }
  changed_.notify_all();
}

bool EarlyLoad::is_given_up() const {
  const std::lock_guard lock(mutex_);
  return given_up_;
}

void EarlyLoad::follow(const std::vector<ReadPosition>& begins, std::size_t num_readers) {
  std::vector<std::uint64_t> places;
  for (std::size_t i = 0; i < begins.size(); ++i) {
    progress_[i].position = begins[i];
    places.push_back(begins[i].complete);
  }
  num_readers_ = num_readers;
  std::sort(places.begin(), places.end());
  for (std::size_t i = num_readers; i < places.size(); ++i) {
    if (places[i] == places[i - num_readers]) {
      give_up(kTooMany);
    }
  }
}

void EarlyLoad::add(std::size_t input, std::shared_ptr<const RecordBatch> rows, std::size_t bytes,
                    ReadPosition position) {
  const auto patience_ends = std::chrono::steady_clock::now() + kPatience;
  std::unique_lock lock(mutex_);
  if (given_up_) {
    return;
  }
  Progress& progress = progress_[input];
  if (progress.position.complete == ReadPosition::kEnd) {
    lock.unlock();
    give_up(inputs_[input].split + " went on after its end");
    return;
  }
  progress.position = position;
  if (rows != nullptr) {
    progress.ahead.emplace_back(position.reached, bytes);
    ahead_bytes_ += bytes;
    page_bytes_ += bytes;
    pages_.push_back({input, std::move(rows), position.reached, bytes});
  }
  advance();
  while (!given_up_ && !cancellation::requested() &&
         (page_bytes_ > kQueueBytes || is_far_ahead(progress))) {
    progress.waits = true;
    std::string why;
    if (all_wait()) {
      why = kTooMany;
    } else if (page_bytes_ > kQueueBytes && std::chrono::steady_clock::now() > patience_ends) {
      why = "the sink took no rows for " + std::to_string(kPatience.count()) + " s";
    }
    if (!why.empty()) {
      lock.unlock();
      give_up(why);
      return;
    }
    changed_.wait_for(lock, kLookAgain);
  }
  progress.waits = false;
}

bool EarlyLoad::are_far_ahead() const {
  return ahead_bytes_ > kAheadBytes;
}

bool EarlyLoad::is_far_ahead(const Progress& progress) const {
  return are_far_ahead() && progress.position.complete != complete_;
}

/// For an input that nobody reads.
bool EarlyLoad::all_wait() const {
  const auto waiting =
      std::count_if(progress_.begin(), progress_.end(),
                    [this](const Progress& one) { return one.waits && is_far_ahead(one); });
  return static_cast<std::size_t>(waiting) == num_readers_;
}

/// How far all inputs have been read together, and what that means for those who wait.
void EarlyLoad::advance() {
  const std::uint64_t before = complete_;
  complete_ = ReadPosition::kEnd;
  for (const Progress& progress : progress_) {
    complete_ = std::min(complete_, progress.position.complete);
  }
  const bool somebody_waits = are_far_ahead();
  for (Progress& progress : progress_) {
    while (!progress.ahead.empty() && progress.ahead.front().first <= complete_) {
      ahead_bytes_ -= progress.ahead.front().second;
      progress.ahead.pop_front();
    }
  }
  if (page_bytes_ >= kBytesAtOnce || complete_ == ReadPosition::kEnd ||
      (somebody_waits && complete_ != before)) {
    changed_.notify_all();
  }
}

/// False: nothing more comes.
bool EarlyLoad::next_pages(std::deque<Page>& pages, std::uint64_t& complete) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] {
    return given_up_ || page_bytes_ >= kBytesAtOnce || complete_ == ReadPosition::kEnd;
  });
  pages = std::exchange(pages_, {});
  complete = complete_;
  if (std::exchange(page_bytes_, 0) > kQueueBytes) {
    changed_.notify_all();
  }
  return !given_up_;
}

/// The loading thread.
Status EarlyLoad::work() {
  KeyHashes keys(context_.store.root());
  std::int64_t keys_kept = 0;
  for (std::uint64_t complete = 0; complete != ReadPosition::kEnd;) {
    std::deque<Page> pages;
    if (!next_pages(pages, complete)) {
      return given_up();
    }
    for (const Page& page : pages) {
      rows_[page.input] += page.rows->num_rows();
      DAYMILL_TRY(path_->decode(page.input, RecordBatch::share(page.rows), page.reached));
    }
    if (path_->num_keys() >= keys_kept + kKeysAtOnce || complete == ReadPosition::kEnd) {
      DAYMILL_TRY(path_->drain_before(complete, keys));
      keys_kept = path_->num_keys();
      if (keys.sample_repeats()) {
        return out_of_order();
      }
    }
  }
  DAYMILL_ASSIGN(totals_,
                 path_->finish_rows(std::accumulate(rows_.begin(), rows_.end(), std::int64_t{0})));
  // While the sink builds its index.
  auto repeats = std::async(std::launch::async, [&keys] { return keys.any_may_repeat(); });
  const Status written = path_->finish_writer();
  DAYMILL_ASSIGN(const bool repeat, repeats.get());
  return repeat ? out_of_order() : written;
}

void EarlyLoad::finish() {
  {
    const std::lock_guard lock(mutex_);
    if (complete_ != ReadPosition::kEnd && !given_up_) {
      given_up_ = true;
      why_ = "a split was not read to its end in one go";
    }
  }
  changed_.notify_all();
  if (thread_.joinable()) {
    thread_.join();
  }
}

/// Empty: the receipts name what was added, row for row.
std::string EarlyLoad::difference_from(const std::vector<Receipt>& receipts) const {
  if (receipts.size() != inputs_.size()) {
    return "other splits are to be committed than were read";
  }
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    const auto named = std::find_if(receipts.begin(), receipts.end(), [&](const Receipt& receipt) {
      return receipt.split == inputs_[i].split && receipt.generation == inputs_[i].generation;
    });
    if (named == receipts.end()) {
      return "other splits are to be committed than were read";
    }
    if (named->rows_in != rows_[i]) {
      return inputs_[i].split + " gave rows twice";
    }
  }
  return {};
}

bool EarlyLoad::take(const std::vector<Receipt>& receipts, RejectLog& rejects, LoadTotals& totals) {
  finish();
  if (const std::string difference = difference_from(receipts); !difference.empty()) {
    give_up(difference);
  }
  if (given_up_) {
    context_.log.write(staged_ ? LogLevel::info : LogLevel::debug, "engine",
                       "what was loaded while the day was read is given up, the snapshots are "
                       "loaded: " +
                           why_);
    abandon();
    return false;
  }
  rejects = std::move(rejects_);
  totals = std::move(totals_);
  path_.reset();
  writer_.reset();
  staged_ = false;
  return true;
}

}  // namespace daymill
