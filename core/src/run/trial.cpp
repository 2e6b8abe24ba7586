#include "run/trial.hpp"

#include <cstdlib>
#include <filesystem>
#include <limits>

#include "observe/time_text.hpp"
#include "snapshot/snapshot_store.hpp"
#include "snapshot/snapshot_writer.hpp"

namespace daymill {

namespace {

constexpr std::size_t kMemory = std::size_t{96} << 20;

class TemporaryFolder {
 public:
  static Result<TemporaryFolder> make() {
    std::error_code error;
    std::string path = (std::filesystem::temp_directory_path(error) / "daymill.XXXXXX").string();
    if (error || ::mkdtemp(path.data()) == nullptr) {
      return Status(Code::permission_denied, "cannot make a temporary folder")
          .at(path)
          .next("set TMPDIR to a folder that can be written");
    }
    return TemporaryFolder(std::move(path));
  }
  TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  TemporaryFolder& operator=(TemporaryFolder&&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path_.empty()) {
      std::filesystem::remove_all(path_, ignored);
    }
  }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  explicit TemporaryFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

class CollectingWriter final : public Writer {
 public:
  explicit CollectingWriter(std::vector<RecordBatch>& rows) : rows_(rows) {}
  Status write(RecordBatch batch) override {
    rows_.push_back(std::move(batch));
    return {};
  }
  Status finish() override { return {}; }

 private:
  std::vector<RecordBatch>& rows_;
};

Result<SnapshotFile> take_snapshot(const BoundPipeline& pipeline, const Partition& partition,
                                   const TrialSplit& split, const SnapshotStore& store) {
  SnapshotManifest manifest;
  manifest.pipeline = pipeline.definition.name;
  manifest.partition = partition.label;
  manifest.split = split.id;
  manifest.location = split.id;
  manifest.generation = 1;
  manifest.run_id = "trial";
  manifest.created_at = rfc3339_now();
  manifest.raw_schema = pipeline.raw_schema;
  const auto path =
      store.path_for(manifest.pipeline, manifest.partition, manifest.split, 1, manifest.run_id);
  DAYMILL_ASSIGN(auto writer,
                 SnapshotWriter::create(path, std::move(manifest), pipeline.source_repeats_rows()));
  for (const RecordBatch& batch : split.rows) {
    DAYMILL_TRY(writer->append(batch));
  }
  DAYMILL_TRY(writer->seal());
  DAYMILL_TRY(writer->publish(/*confirmed=*/true));
  return SnapshotFile::open(path);
}

}  // namespace

Result<Trial> try_rows(BoundPipeline& pipeline, const Partition& partition,
                       const std::vector<TrialSplit>& splits) {
  DAYMILL_ASSIGN(const TemporaryFolder folder, TemporaryFolder::make());
  const SnapshotStore store(folder.path());
  std::vector<SnapshotFile> snapshots;
  for (const TrialSplit& split : splits) {
    DAYMILL_ASSIGN(SnapshotFile snapshot, take_snapshot(pipeline, partition, split, store));
    snapshots.push_back(std::move(snapshot));
  }
  const RejectBudget any{std::numeric_limits<std::int64_t>::max(), 1.0};
  RejectLog rejects(any, pipeline.source_schema);
  Trial trial;
  CollectingWriter writer(trial.rows);
  RunObserver nobody;
  DAYMILL_ASSIGN(trial.totals,
                 load(pipeline, partition, snapshots, writer, rejects, kMemory, nobody));
  trial.rejects = rejects.rows();
  return trial;
}

}  // namespace daymill
