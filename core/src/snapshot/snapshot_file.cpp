#include "snapshot/snapshot_file.hpp"

#include <map>
#include <string>

#include "daymill/failpoint.hpp"
#include "daymill/value.hpp"
#include "snapshot/block.hpp"

namespace daymill {

namespace {

/// "field binary key,value binary attribute": names of raw schemas are the plugins' own and hold no
/// comma or space.
std::string schema_text(const Schema& schema) {
  std::string text;
  for (const Field& field : schema.fields) {
    text += (text.empty() ? "" : ",") + field.name + " " + type_name(field.type) + " " +
            role_name(field.role);
  }
  return text;
}

Result<Schema> schema_from_text(std::string_view text) {
  Schema schema;
  while (!text.empty()) {
    const std::string_view entry = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), entry.size() + 1));
    const std::size_t role_at = entry.rfind(' ');
    const std::size_t type_at =
        role_at == std::string_view::npos ? role_at : entry.rfind(' ', role_at - 1);
    if (type_at == std::string_view::npos) {
      return Status(Code::corrupt,
                    "snapshot manifest: schema entry \"" + std::string(entry) + "\"");
    }
    const auto type = type_from_name(entry.substr(type_at + 1, role_at - type_at - 1));
    const std::string_view role = entry.substr(role_at + 1);
    if (!type.has_value()) {
      return Status(Code::corrupt,
                    "snapshot manifest: unknown type in \"" + std::string(entry) + "\"");
    }
    schema.fields.push_back(Field{std::string(entry.substr(0, type_at)), *type,
                                  role == "key"       ? Role::key
                                  : role == "measure" ? Role::measure
                                                      : Role::attribute,
                                  true});
  }
  return schema;
}

Result<SnapshotManifest> read_manifest(Database& database) {
  std::map<std::string, std::string, std::less<>> values;
  DAYMILL_ASSIGN(Statement select, database.prepare("SELECT name, value FROM manifest"));
  while (true) {
    DAYMILL_ASSIGN(const bool row, select.step());
    if (!row) {
      break;
    }
    values.emplace(select.text(0), select.text(1));
  }
  const std::int64_t format = parse_int64(values["format"]).value_or(0);
  if (format < 1 || format > kSnapshotFormat) {
    return Status(Code::corrupt, "snapshot format \"" + printable(values["format"]) +
                                     "\", expected 1 to " + std::to_string(kSnapshotFormat));
  }
  SnapshotManifest manifest;
  manifest.format = static_cast<int>(format);
  manifest.pipeline = values["pipeline"];
  manifest.partition = values["partition"];
  manifest.split = values["split"];
  manifest.location = values["location"];
  manifest.generation = parse_int64(values["generation"]).value_or(0);
  manifest.run_id = values["run_id"];
  manifest.created_at = values["created_at"];
  manifest.rows = parse_int64(values["rows"]).value_or(-1);
  manifest.rows_read = parse_int64(values["rows_read"]).value_or(-1);
  manifest.fingerprint = values["fingerprint"];
  manifest.confirmed = values["confirmed"] == "true";
  DAYMILL_ASSIGN(manifest.raw_schema, schema_from_text(values["schema"]));
  if (manifest.generation < 1 || manifest.rows < 0 || manifest.fingerprint.empty()) {
    return Status(Code::corrupt, "snapshot manifest is incomplete");
  }
  return manifest;
}

}  // namespace

Status read_blocks(Database& database, const SnapshotManifest& manifest, int bucket,
                   const BlockConsumer& consume) {
  DAYMILL_ASSIGN(
      Statement select,
      database.prepare(
          "SELECT bytes, checksum, decoded_size, rows FROM block WHERE bucket = ? ORDER BY id"));
  select.bind(1, bucket);
  while (true) {
    DAYMILL_ASSIGN(const bool row, select.step());
    if (!row) {
      return {};
    }
    DAYMILL_ASSIGN(RecordBatch block,
                   decode_block(manifest.format, manifest.raw_schema, select.blob(0),
                                static_cast<std::uint64_t>(select.int64(1)),
                                static_cast<std::size_t>(select.int64(2))));
    if (block.num_rows() != select.int64(3)) {
      return Status(Code::corrupt, "snapshot block is damaged: row count differs");
    }
    DAYMILL_TRY(consume(std::move(block)));
  }
}

Status write_manifest(Database& database, const SnapshotManifest& manifest) {
  DAYMILL_ASSIGN(Statement insert, database.prepare("INSERT INTO manifest VALUES (?, ?)"));
  const std::pair<const char*, std::string> values[] = {
      {"format", std::to_string(manifest.format)},
      {"pipeline", manifest.pipeline},
      {"partition", manifest.partition},
      {"split", manifest.split},
      {"location", manifest.location},
      {"generation", std::to_string(manifest.generation)},
      {"run_id", manifest.run_id},
      {"created_at", manifest.created_at},
      {"rows", std::to_string(manifest.rows)},
      {"rows_read", std::to_string(manifest.rows_read)},
      {"fingerprint", manifest.fingerprint},
      {"confirmed", manifest.confirmed ? "true" : "false"},
      {"schema", schema_text(manifest.raw_schema)},
  };
  for (const auto& [name, value] : values) {
    DAYMILL_TRY(insert.bind(1, name).bind(2, value).run());
  }
  return {};
}

Result<SnapshotFile> SnapshotFile::open(const std::filesystem::path& path) {
  DAYMILL_FAILPOINT("snapshot.read_manifest");
  DAYMILL_ASSIGN(Database database, Database::open(path, Database::Mode::read_only));
  // Blocks are read once, and the files of a day's splits are open together.
  DAYMILL_TRY(database.execute("PRAGMA cache_size = 1"));
  auto manifest = read_manifest(database);
  if (!manifest.ok()) {
    return Status(manifest.status()).at(path.string());
  }
  return SnapshotFile(path, std::move(database), std::move(manifest).value());
}

Status SnapshotFile::read_bucket(int bucket, const BlockConsumer& consume) {
  DAYMILL_FAILPOINT("snapshot.read_bucket");
  return Status(read_blocks(database_, manifest_, bucket, consume)).at(path_.string());
}

}  // namespace daymill
