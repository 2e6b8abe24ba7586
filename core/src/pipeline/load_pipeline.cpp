#include "pipeline/load_pipeline.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <system_error>
#include <tuple>
#include <utility>

#include "pipeline/component_loader.hpp"
#include "pipeline/json_excerpt.hpp"
#include "pipeline/pipeline_reader.hpp"
#include "pipeline/section_loader.hpp"

namespace daymill {
namespace {

constexpr std::size_t kLongestName = 63;  // an identifier of PostgreSQL

const std::vector<std::string>& top_level_keys() {
  static const std::vector<std::string> keys{"$schema",  "name",   "description", "partition",
                                             "schedule", "source", "transforms",  "sink",
                                             "rejects",  "retry",  "snapshots"};
  return keys;
}

bool is_misspelt_at_the_top(const PipelineReader& reader, const std::string& key) {
  return is_misspelt(key, reader.document().root(), top_level_keys());
}

void read_name(PipelineReader& reader, PipelineDefinition& definition) {
  const std::optional<std::string> name =
      reader.read_text("/name", !is_misspelt_at_the_top(reader, "name"));
  if (!name)
    return;
  definition.name = *name;
  if (is_pipeline_name(*name))
    return;
  const std::string better = reader.from_variable("/name") ? "" : suggested_pipeline_name(*name);
  reader.report(finding_at_value(reader.document(), "/name", "pipeline.name",
                                 "a pipeline cannot have this name"),
                reader.found_at("/name"),
                "small letters, digits and _, a letter first, at most " +
                    std::to_string(kLongestName) + " characters",
                better.empty() ? "" : "perhaps " + in_quotes(better));
}

ComponentDefinition read_end(PipelineReader& reader, const SpecLookup& specs, ComponentKind kind,
                             const char* meaning) {
  const std::string key = kind_name(kind);
  if (reader.present("/" + key))
    return read_component(reader, specs, kind, "/" + key);
  if (is_misspelt_at_the_top(reader, key))
    return {};
  reader.report(finding_at_value(reader.document(), "", "pipeline.missing_key",
                                 in_quotes(key) + " is missing"),
                "", std::string("an object: ") + meaning, "");
  return {};
}

std::vector<ComponentDefinition> read_transforms(PipelineReader& reader, const SpecLookup& specs) {
  std::vector<ComponentDefinition> transforms;
  const nlohmann::ordered_json* list = reader.document().at("/transforms");
  if (list != nullptr && !list->is_array())
    reader.report(finding_at_value(reader.document(), "/transforms", "config.wrong_type",
                                   "\"transforms\" has the wrong type", Show::nothing),
                  describe_value(*list, true), "a list of objects", "");
  if (list == nullptr || !list->is_array())
    return transforms;
  for (std::size_t i = 0; i < list->size(); ++i)
    transforms.push_back(
        read_component(reader, specs, ComponentKind::transform, item_pointer("/transforms", i)));
  return transforms;
}

// Each variable once, by name; one that is needed somewhere without a default counts as such.
std::vector<VariableUse> used_variables(const ExpandedTexts& texts) {
  std::vector<VariableUse> uses;
  for (const auto& [pointer, text] : texts)
    uses.insert(uses.end(), text.uses.begin(), text.uses.end());
  std::sort(uses.begin(), uses.end(), [](const VariableUse& a, const VariableUse& b) {
    return std::tie(a.name, a.has_default) < std::tie(b.name, b.has_default);
  });
  const auto same = [](const VariableUse& a, const VariableUse& b) { return a.name == b.name; };
  uses.erase(std::unique(uses.begin(), uses.end(), same), uses.end());
  return uses;
}

void load_document(const JsonDocument& document, const SpecLookup& specs,
                   const VariableLookup& variables, LoadedPipeline& loaded) {
  const ExpandedTexts texts = expand_document(document, variables, loaded.findings);
  PipelineReader reader(document, texts, loaded.findings);
  PipelineDefinition& definition = loaded.definition;
  refuse_unknown_keys(document, "", top_level_keys(), loaded.findings);
  reader.read_text("/$schema", false);
  read_name(reader, definition);
  definition.description = reader.read_text("/description", false).value_or("");
  definition.partition = read_partition(reader);
  definition.schedule = read_schedule(reader, definition.partition);
  definition.source = read_end(reader, specs, ComponentKind::source, "where the rows come from");
  definition.transforms = read_transforms(reader, specs);
  definition.sink = read_end(reader, specs, ComponentKind::sink, "where the rows go");
  definition.rejects = read_rejects(reader);
  definition.retry = read_retry(reader);
  definition.snapshots = read_snapshots(reader);
  definition.variables = used_variables(texts);
}

// The whole file, or the finding that says why not. Reads one byte more than a pipeline may have.
std::optional<std::string> read_file(const std::string& file, Findings& findings) {
  std::error_code error;
  std::string content;
  if (std::filesystem::is_directory(file, error)) {
    error = std::make_error_code(std::errc::is_a_directory);
  } else {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> stream(std::fopen(file.c_str(), "rbe"),
                                                                 &std::fclose);
    error = {stream ? 0 : errno, std::generic_category()};
    if (stream) {
      content.resize(kLargestDocument + 1);
      errno = 0;
      content.resize(std::fread(content.data(), 1, content.size(), stream.get()));
      if (std::ferror(stream.get()) != 0)
        error = {errno, std::generic_category()};
    }
  }
  if (!error)
    return content;
  Finding finding;
  finding.code = "file.unreadable";
  finding.file = file;
  finding.message = "cannot read the pipeline file: " + error.message();
  findings.push_back(std::move(finding));
  return std::nullopt;
}

}  // namespace

bool is_pipeline_name(const std::string& name) {
  return !name.empty() && name.size() <= kLongestName && name.front() >= 'a' &&
         name.front() <= 'z' &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos;
}

std::string suggested_pipeline_name(const std::string& name) {
  std::string result;
  for (const char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (letter || (c >= '0' && c <= '9' && !result.empty()))
      result += static_cast<char>(letter ? c | 0x20 : c);
    else if (!result.empty() && result.back() != '_')
      result += '_';
  }
  while (!result.empty() && result.back() == '_')
    result.pop_back();
  return result.substr(0, kLongestName);
}

LoadedPipeline load_pipeline(const std::string& file, const SpecLookup& specs,
                             const VariableLookup& variables) {
  LoadedPipeline loaded;
  std::optional<std::string> text = read_file(file, loaded.findings);
  if (text)
    return parse_pipeline(file, std::move(*text), specs, variables);
  loaded.definition.file = file;
  return loaded;
}

LoadedPipeline parse_pipeline(const std::string& file, std::string text, const SpecLookup& specs,
                              const VariableLookup& variables) {
  LoadedPipeline loaded;
  loaded.definition.file = file;
  loaded.document =
      std::make_shared<const JsonDocument>(parse_json(file, std::move(text), loaded.findings));
  const JsonDocument& document = *loaded.document;
  if (document.root().is_object()) {
    load_document(document, specs, variables, loaded);
  } else if (!document.root().is_discarded()) {
    Finding finding = finding_at_value(document, "", "config.wrong_type", "this is not a pipeline",
                                       Show::nothing);
    finding.found = describe_value(document.root(), true);
    finding.expected = "a JSON object";
    loaded.findings.push_back(std::move(finding));
  }
  sort_by_place(loaded.findings);
  return loaded;
}

}  // namespace daymill
