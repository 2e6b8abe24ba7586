// Conversions between C structures and classes: what older and newer sides leave out or add, and
// what is refused. That everything survives the trip is shown by tests/conformance/round_trip_test.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstring>

#include "daymill/plugin.hpp"

namespace daymill::detail {
namespace {

/// daymill_split as a plugin of a later minor version would have it.
struct LongerSplit {
  daymill_split known;
  std::int64_t added;
};

TEST(ExchangeTest, StepsByTheWritersSize) {
  LongerSplit splits[2] = {};
  for (LongerSplit& split : splits) {
    split.known.struct_size = sizeof(LongerSplit);
    split.added = -1;
  }
  splits[0].known.id = to_c(std::string_view("first"));
  splits[1].known.id = to_c(std::string_view("second"));
  splits[1].known.estimated_rows = 7;
  auto list = empty_struct<daymill_split_list>();
  list.n_splits = 2;
  list.splits = &splits[0].known;
  const std::vector<Split> read = from_c(&list);
  ASSERT_EQ(read.size(), 2u);
  EXPECT_EQ(read[0].id, "first");
  EXPECT_EQ(read[1].id, "second");
  EXPECT_EQ(read[1].estimated_rows, 7);
}

TEST(ExchangeTest, ReadsWhatAnOlderSideLeftOutAsZero) {
  auto partition = empty_struct<daymill_partition>();
  partition.label = to_c(std::string_view("2026-11-22"));
  partition.day = 5;
  partition.start_us = 6;
  partition.end_us = 7;
  partition.struct_size = offsetof(daymill_partition, end_us);
  const Partition read = from_c(&partition);
  EXPECT_EQ(read.label, "2026-11-22");
  EXPECT_EQ(read.start_us, 6);
  EXPECT_EQ(read.end_us, 0);
}

// Structures that grew with interface 1.1, as a side of 1.0 gives them: their bytes end before what
// was added, and in arrays the next one begins there.

constexpr std::uint32_t kReceiptOf10 = offsetof(daymill_receipt, removed_at);
constexpr std::uint32_t kEvidenceOf10 = offsetof(daymill_evidence, n_decisions);
constexpr std::uint32_t kRemovalOf10 = offsetof(daymill_removal, kind);

/// Whatever lies behind the end of an older structure must not be read.
template <typename Struct>
void cut(Struct& full, std::uint32_t size) {
  full.struct_size = size;
  std::memset(reinterpret_cast<char*>(&full) + size, 0x5a, sizeof full - size);
}

TEST(ExchangeTest, ReceiptsOf10AreReadAndStepped) {
  std::vector<char> bytes(std::size_t{3} * kReceiptOf10);
  const char* splits[] = {"first", "second", "third"};
  for (std::size_t i = 0; i < 3; ++i) {
    Receipt receipt{splits[i], static_cast<std::int64_t>(i), 7, "f", 8, "x.snap", i == 1};
    daymill_receipt view = to_c(receipt);
    view.struct_size = kReceiptOf10;
    view.split = to_c(std::string_view(splits[i]));
    view.fingerprint = to_c(std::string_view("f"));
    view.snapshot = to_c(std::string_view("x.snap"));
    std::memcpy(bytes.data() + i * kReceiptOf10, &view, kReceiptOf10);
  }
  const auto read = from_c(3, reinterpret_cast<const daymill_receipt*>(bytes.data()));
  ASSERT_EQ(read.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(read[i].split, splits[i]);
    EXPECT_EQ(read[i].generation, static_cast<std::int64_t>(i));
    EXPECT_EQ(read[i].snapshot, "x.snap");
    EXPECT_EQ(read[i].removed, i == 1);
    EXPECT_EQ(read[i].removed_at, "");
  }
}

TEST(ExchangeTest, EvidenceOf10HasNoDecisions) {
  Evidence given;
  given.epoch = 5;
  given.load = Load{};
  given.load->rows_out = 9;
  given.receipts = {{"s", 1, 5, "f", 2, "x.snap", true, "2026-11-22T00:00:00Z"}};
  given.difference = "one row more";
  given.decisions = {{"adopt", "ann@desk", "", "", ""}};
  const EvidenceView view(given);
  daymill_evidence older = *view.get();
  cut(older, kEvidenceOf10);
  const Evidence read = from_c(&older);
  EXPECT_EQ(read.epoch, 5);
  EXPECT_EQ(read.load->rows_out, 9);
  EXPECT_EQ(read.receipts.at(0).removed_at, "2026-11-22T00:00:00Z");
  EXPECT_EQ(read.difference, "one row more");
  EXPECT_TRUE(read.decisions.empty());
}

TEST(ExchangeTest, RemovalsOf10AreByProof) {
  const RemovalProof given{nullptr, 3, "f", "p", "s", RemovalKind::record_only};
  daymill_removal older = to_c(given, nullptr);
  EXPECT_EQ(from_c(&older, nullptr).kind, RemovalKind::record_only);
  cut(older, kRemovalOf10);
  const RemovalProof read = from_c(&older, nullptr);
  EXPECT_EQ(read.kind, RemovalKind::by_proof);
  EXPECT_EQ(read.generation, 3);
  EXPECT_EQ(read.sink, "s");
}

/// daymill_decision and daymill_row_change as a side of a later minor version would have them.
template <typename Struct>
struct Longer {
  Struct known;
  std::int64_t added[3];
};

TEST(ExchangeTest, DecisionsAndRowChangesStepByTheWritersSize) {
  const OperatorDecision decided[] = {{"adopt", "a", "b", "c", "d"}, {"replace", "", "", "", ""}};
  Longer<daymill_decision> decisions[2] = {};
  for (int i = 0; i < 2; ++i) {
    decisions[i].known = to_c(decided[i]);
    decisions[i].known.struct_size = sizeof decisions[i];
  }
  auto evidence = empty_struct<daymill_evidence>();
  evidence.n_decisions = 2;
  evidence.decisions = &decisions[0].known;
  const Evidence read = from_c(&evidence);
  ASSERT_EQ(read.decisions.size(), 2u);
  EXPECT_EQ(read.decisions[0].detail, "c");
  EXPECT_EQ(read.decisions[0].decided_at, "d");
  EXPECT_EQ(read.decisions[1].choice, "replace");

  Longer<daymill_row_change> changes[2] = {};
  for (int i = 0; i < 2; ++i) {
    changes[i].known.struct_size = sizeof changes[i];
    changes[i].known.kind = DAYMILL_ROW_CHANGED + i;
    changes[i].known.key = to_c(std::string_view(i == 0 ? "7, shoes" : "8, hats"));
  }
  auto difference = empty_struct<daymill_difference>();
  difference.n_examples = 2;
  difference.examples = &changes[0].known;
  const Difference compared = from_c(&difference);
  ASSERT_EQ(compared.examples.size(), 2u);
  EXPECT_EQ(compared.examples[0].kind, RowChangeKind::changed);
  EXPECT_EQ(compared.examples[1].kind, RowChangeKind::removed);
  EXPECT_EQ(compared.examples[1].key, "8, hats");
}

TEST(ExchangeTest, HistoriesOwnWhatTheyTell) {
  Received<daymill_history> received;
  {
    std::vector<PartitionEvidence> history;
    for (int i = 0; i < 50; ++i) {  // enough that everything moves while it is made
      PartitionEvidence entry{"2026-11-" + std::to_string(i), {}};
      entry.evidence.epoch = i;
      entry.evidence.receipts = {{"split " + std::to_string(i), 1, i, "f", 2, "x.snap", false, ""}};
      entry.evidence.decisions = {{"choice " + std::to_string(i), "", "", "", ""}};
      if (i % 2 == 0) {
        entry.evidence.load = Load{};
        entry.evidence.load->sums = {{"measure " + std::to_string(i), i}};
      }
      history.push_back(std::move(entry));
    }
    own(std::move(history), received.out());
  }
  const std::vector<PartitionEvidence> read = from_c(received.get());
  ASSERT_EQ(read.size(), 50u);
  for (int i = 0; i < 50; ++i) {
    const PartitionEvidence& entry = read[static_cast<std::size_t>(i)];
    EXPECT_EQ(entry.partition, "2026-11-" + std::to_string(i));
    EXPECT_EQ(entry.evidence.epoch, i);
    EXPECT_EQ(entry.evidence.receipts.at(0).split, "split " + std::to_string(i));
    EXPECT_EQ(entry.evidence.decisions.at(0).choice, "choice " + std::to_string(i));
    ASSERT_EQ(entry.evidence.load.has_value(), i % 2 == 0);
    if (i % 2 == 0) {
      EXPECT_EQ(entry.evidence.load->sums.at(0).measure, "measure " + std::to_string(i));
    }
  }
}

TEST(ExchangeTest, AHistoryWithoutEvidenceIsReadAsNone) {
  auto entry = empty_struct<daymill_partition_evidence>();
  entry.partition = to_c(std::string_view("2026-11-22"));
  auto history = empty_struct<daymill_history>();
  history.n_partitions = 1;
  history.partitions = &entry;
  const auto read = from_c(&history);
  ASSERT_EQ(read.size(), 1u);
  EXPECT_EQ(read[0].partition, "2026-11-22");
  EXPECT_EQ(read[0].evidence.epoch, 0);
}

TEST(ExchangeTest, DifferencesAndRejectsOwnWhatTheyTell) {
  Received<daymill_difference> difference;
  Received<daymill_reject_list> rejects;
  {
    Difference given;
    given.added = 1;
    given.before = {{"a measure with a long name", 1}};
    given.after = {{"a measure with a long name", 2}, {"b", 3}};
    given.examples = {
        {RowChangeKind::added, "a key that is long enough to be on the heap", "", ""}};
    own(std::move(given), difference.out());
    own(std::vector<RejectRow>{{"s", 1, std::string("\0\xff", 2), "r", "m"}, {}}, rejects.out());
  }
  const Difference read = from_c(difference.get());
  EXPECT_EQ(read.before.at(0).measure, "a measure with a long name");
  EXPECT_EQ(read.after.at(1).value, 3);
  EXPECT_EQ(read.examples.at(0).key, "a key that is long enough to be on the heap");
  EXPECT_EQ(from_c(rejects.get()).at(0).raw, std::string("\0\xff", 2));
  EXPECT_EQ(from_c(rejects.get()).size(), 2u);
}

TEST(ExchangeTest, AttemptsKeepTheirFlags) {
  for (const bool replace : {false, true}) {
    for (const bool adopt : {false, true}) {
      const Attempt given{Partition{"d", 1, 2, 3}, 0, "run", replace, adopt};
      const AttemptView view(given);
      const Attempt read = from_c(view.get());
      EXPECT_EQ(read.replace_foreign, replace);
      EXPECT_EQ(read.adopt, adopt);
      EXPECT_EQ(read.epoch, 0);
    }
  }
}

TEST(ExchangeTest, RefusesUnknownFormatsAndRoles) {
  auto field = empty_struct<daymill_field>();
  field.name = to_c(std::string_view("price"));
  field.format = to_c(std::string_view("d:10,2"));
  field.role = DAYMILL_ROLE_KEY;
  auto schema = empty_struct<daymill_schema>();
  schema.n_fields = 1;
  schema.fields = &field;
  Status status = from_c(&schema).status();
  EXPECT_EQ(status.code(), Code::schema_mismatch);
  EXPECT_NE(status.message().find("price has the unknown format \"d:10,2\""), std::string::npos);
  field.format = to_c(std::string_view("l"));
  field.role = 9;
  status = from_c(&schema).status();
  EXPECT_EQ(status.code(), Code::schema_mismatch);
  EXPECT_NE(status.message().find("unknown role 9"), std::string::npos);
}

TEST(ExchangeTest, ListsAreReleasedOnce) {
  Received<daymill_schema> schema;
  own(Schema{{{"a", Type::date, Role::key, false}}}, schema.out());
  EXPECT_NE(schema->release, nullptr);
  schema.out()->release(schema.out());
  EXPECT_EQ(schema->release, nullptr);  // the destructor does not release it again
}

TEST(ExchangeTest, ErrorsWithoutTextsAreErrorsToo) {
  const Received<daymill_error> nothing;
  const Status silent = from_c(DAYMILL_TIMEOUT, nothing);
  EXPECT_EQ(silent.code(), Code::timeout);
  EXPECT_EQ(silent.message(), "failed without a message");
  const Status unknown = from_c(4711, nothing);
  EXPECT_EQ(unknown.code(), Code::internal);
  EXPECT_NE(unknown.message().find("4711"), std::string::npos);
  EXPECT_TRUE(from_c(DAYMILL_OK, nothing).ok());
}

TEST(ExchangeTest, AnErrorThatCallsItselfOkIsInternal) {
  Received<daymill_error> error;
  EXPECT_EQ(to_c(Status(Code::ok, "odd"), error.out()), DAYMILL_INTERNAL);
  EXPECT_STREQ(error->message, "odd");
  EXPECT_EQ(to_c(Status(Code::timeout, "no room for texts"), nullptr), DAYMILL_TIMEOUT);
}

TEST(ExchangeTest, GuardedCatchesEverything) {
  Received<daymill_error> error;
  EXPECT_EQ(guarded(error.out(), []() -> Status { throw std::bad_alloc(); }),
            DAYMILL_RESOURCE_EXHAUSTED);
  EXPECT_EQ(guarded(error.out(), []() -> Status { throw 1; }), DAYMILL_INTERNAL);
  EXPECT_EQ(guarded(error.out(), []() -> Status { throw std::runtime_error("why"); }),
            DAYMILL_INTERNAL);
  EXPECT_STREQ(error->message, "uncaught exception: why");
}

TEST(ExchangeTest, SettingsKeepTheirOrder) {
  const std::vector<Config::Entry> entries = {
      {"measures", "impressions", "b"}, {"measures", "clicks", "a"}, {"port", "", "6379"}};
  const ConfigView view(entries);
  const Config config = from_c(view.get());
  EXPECT_EQ(config.integer("port"), 6379);
  EXPECT_EQ(config.map("measures"), (std::vector<std::pair<std::string, std::string>>{
                                        {"impressions", "b"}, {"clicks", "a"}}));
}

}  // namespace
}  // namespace daymill::detail
