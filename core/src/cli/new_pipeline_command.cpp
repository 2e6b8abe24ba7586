// daymill new pipeline: a pipeline file that validates, from flags or from answers
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>

#include "cli/commands.hpp"
#include "cli/session.hpp"
#include "observe/run_report.hpp"
#include "pipeline/config_spec.hpp"

namespace daymill {

namespace {

using Json = nlohmann::ordered_json;

struct NewPipelineOptions {
  std::string name;
  std::string source;
  std::vector<std::string> transforms;
  std::string sink;
  std::string timezone = "UTC";
  std::string folder = "pipelines";
  std::vector<std::string> settings;  // "source.host=redis.local", "sink.key=[\"date\"]"
};

/// Asks on the terminal; without one, or with an empty answer, the suggestion stands.
std::string ask(const std::string& question, const std::string& suggestion) {
  if (::isatty(STDIN_FILENO) == 0 || ::isatty(STDERR_FILENO) == 0) {
    return suggestion;
  }
  std::fprintf(stderr, "%s%s: ", question.c_str(),
               suggestion.empty() ? "" : (" [" + suggestion + "]").c_str());
  std::string answer;
  std::getline(std::cin, answer);
  return answer.empty() ? suggestion : answer;
}

/// A value as it is typed: JSON where the field is no text, otherwise the text itself.
Json typed_value(const FieldRule& rule, const std::string& text) {
  const bool is_text = rule.type == FieldType::text;
  Json value = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (value.is_discarded() || (is_text && !value.is_string())) {
    return text;
  }
  return value;
}

/// What must be said, and what most people say: a setting with an example. Optional maps are ways
/// to say the same twice (`path` or `files`).
bool belongs_in_draft(const FieldRule& rule) {
  return rule.required || (rule.example && !rule.secret && rule.type != FieldType::text_map);
}

class PipelineDraft {
 public:
  PipelineDraft(const PluginRegistry& registry, const NewPipelineOptions& options)
      : registry_(registry), options_(options) {}

  Result<Json> write() {
    DAYMILL_TRY(parse_settings());
    Json pipeline = {{"name", options_.name}};
    pipeline["partition"] = {{"every", "day"}, {"timezone", options_.timezone}};
    DAYMILL_ASSIGN(
        pipeline["source"],
        component(ComponentKind::source, choose(ComponentKind::source, options_.source), "source"));
    Json transforms = Json::array();
    for (const std::string& id : options_.transforms) {
      DAYMILL_ASSIGN(Json transform, component(ComponentKind::transform, id, id));
      transforms.push_back(std::move(transform));
    }
    if (!transforms.empty()) {
      pipeline["transforms"] = std::move(transforms);
    }
    DAYMILL_ASSIGN(pipeline["sink"], component(ComponentKind::sink,
                                               choose(ComponentKind::sink, options_.sink), "sink"));
    for (const auto& [setting, value] : settings_) {
      if (!value.used) {
        return Status(Code::invalid_argument, "no component has the setting " + setting)
            .next("daymill plugins describe ID lists the settings of a plugin");
      }
    }
    return pipeline;
  }

 private:
  struct Given {
    std::string text;
    bool used = false;
  };

  Status parse_settings() {
    for (const std::string& setting : options_.settings) {
      const std::size_t equals = setting.find('=');
      if (equals == std::string::npos || setting.find('.') > equals) {
        return Status(Code::invalid_argument,
                      "found --set " + setting + ", expected PLACE.SETTING=VALUE")
            .next("as in --set source.host=localhost or --set sink.key='[\"date\", \"ad_id\"]'");
      }
      settings_[setting.substr(0, equals)] = Given{setting.substr(equals + 1)};
    }
    return {};
  }

  [[nodiscard]] std::string ids_of(ComponentKind kind) const {
    std::string ids;
    for (const PluginComponent* component : registry_.components()) {
      if (component->kind == kind) {
        ids += (ids.empty() ? "" : ", ") + component->id;
      }
    }
    return ids;
  }

  std::string choose(ComponentKind kind, const std::string& given) const {
    return given.empty() ? ask(std::string(kind_name(kind)) + " (" + ids_of(kind) + ")", "")
                         : given;
  }

  Result<Json> component(ComponentKind kind, const std::string& id, const std::string& place) {
    if (id.empty()) {
      return Status(Code::invalid_argument,
                    std::string("which ") + kind_name(kind) + "? There are " + ids_of(kind))
          .next(std::string("add --") + kind_name(kind) + " ID");
    }
    DAYMILL_ASSIGN(const PluginComponent* found, registry_.find(kind, id));
    DAYMILL_ASSIGN(const ConfigRules rules, parse_config_rules(found->config_spec));
    Json config = Json::object();
    for (const FieldRule& rule : rules.fields) {
      const auto given = settings_.find(place + "." + rule.name);
      if (given != settings_.end()) {
        given->second.used = true;
        config[rule.name] = typed_value(rule, given->second.text);
      } else if (belongs_in_draft(rule)) {
        const std::string example = rule.example ? rule.example->dump() : "";
        const std::string answer = ask(place + "." + rule.name + ": " + rule.description, example);
        config[rule.name] = typed_value(rule, answer);
      }
    }
    return Json{{"plugin", id}, {"config", config}};
  }

  const PluginRegistry& registry_;
  const NewPipelineOptions& options_;
  std::map<std::string, Given> settings_;
};

Status write_new(const std::filesystem::path& path, const Json& pipeline) {
  std::error_code error;
  if (std::filesystem::exists(path, error)) {
    return Status(Code::invalid_argument, "the file is there already")
        .at(path.string())
        .next("choose another name, or delete the file");
  }
  std::filesystem::create_directories(path.parent_path(), error);
  std::ofstream file(path, std::ios::binary);
  file << json_text(pipeline) << "\n";
  file.close();
  return file ? Status()
              : Status(Code::permission_denied, "cannot write the file").at(path.string());
}

int new_pipeline(Session& session, NewPipelineOptions options) {
  const auto registry = session.plugins();
  if (!registry.ok()) {
    return session.fail("new pipeline", registry.status());
  }
  if (!is_pipeline_name(options.name)) {
    const std::string better = suggested_pipeline_name(options.name);
    return session.fail(
        "new pipeline",
        Status(Code::invalid_argument, "a pipeline cannot be called " + in_quotes(options.name) +
                                           ", expected small letters, digits and _, a letter first")
            .next(better.empty() ? "" : "perhaps " + better));
  }
  const auto pipeline = PipelineDraft(**registry, options).write();
  const std::filesystem::path path =
      std::filesystem::path(options.folder) / (options.name + ".json");
  Status status = pipeline.status();
  if (status.ok()) {
    status = write_new(path, *pipeline);
  }
  if (!status.ok()) {
    return session.fail("new pipeline", status);
  }
  const auto checked = session.check(path.string());
  if (!checked.ok()) {
    return session.fail("new pipeline", checked.status());
  }
  if (session.output() == OutputFormat::json) {
    print_envelope("new pipeline",
                   {{"file", path.string()},
                    {"valid", checked->ok()},
                    {"findings", to_json(checked->findings)}},
                   {});
    return 0;
  }
  std::fputs(session.redact(to_text(checked->findings)).c_str(), stderr);
  std::printf("%s\n", path.c_str());
  std::fprintf(stderr,
               "%s\nnext  daymill explain %s\n      daymill validate --connect %s\n      daymill "
               "preview %s\n      daymill run %s --date DATE\n",
               checked->ok() ? "it validates; what was not given is the plugins' own example"
                             : "correct what is said above, then:",
               path.c_str(), path.c_str(), path.c_str(), path.c_str());
  return 0;
}

}  // namespace

void add_new_pipeline_command(CLI::App& parent, const Runner& runner) {
  auto options = std::make_shared<NewPipelineOptions>();
  CLI::App* command = parent.add_subcommand(
      "pipeline", "Write a pipeline file; what is not given is asked on a terminal");
  command->add_option("name", options->name, "Name of the pipeline: small letters, digits, _")
      ->required();
  command->add_option("--source", options->source, "Plugin of the source");
  command->add_option("--transform", options->transforms, "Plugin of a transform; may be repeated");
  command->add_option("--sink", options->sink, "Plugin of the sink");
  command->add_option("--timezone", options->timezone, "IANA zone in which days begin and end");
  command->add_option("--folder", options->folder, "Where the file goes");
  command->add_option("--set", options->settings,
                      "PLACE.SETTING=VALUE: a setting of source, sink or a transform (its id)");
  command->callback([options, runner] {
    runner([options](Session& session) { return new_pipeline(session, *options); });
  });
}

}  // namespace daymill
