#include "certify/certify.hpp"

#include "plugin/isolated_call.hpp"
#include "plugin/plugin_library.hpp"

namespace daymill {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::chrono::seconds kLoadLimit{20};
constexpr std::chrono::seconds kCheckLimit{300};
constexpr std::int64_t kMadeUpRows = 500;

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// The last line that is not empty: of a crash, mostly what says why.
std::string last_words(const std::string& output) {
  const std::size_t end = output.find_last_not_of(" \n");
  if (end == std::string::npos) {
    return {};
  }
  const std::size_t start = output.rfind('\n', end);
  return "; it said: " +
         printable(output.substr(start == std::string::npos ? 0 : start + 1, end - start), 200);
}

Json to_json_text(const PluginLibrary& library) {
  Json components = Json::array();
  for (const PluginComponent& component : library.components) {
    components.push_back({{"kind", static_cast<int>(component.kind)},
                          {"id", component.id},
                          {"spec", component.config_spec},
                          {"capabilities", component.capabilities},
                          {"minor", component.abi_minor}});
  }
  return {{"name", library.name}, {"version", library.version}, {"components", components}};
}

DescribedPlugin described(const std::filesystem::path& file, const Json& json) {
  DescribedPlugin plugin;
  plugin.file = file;
  plugin.name = json["name"];
  plugin.version = json["version"];
  for (const Json& found : json["components"]) {
    PluginComponent component;
    component.kind = static_cast<ComponentKind>(found["kind"].get<int>());
    component.id = found["id"];
    component.config_spec = found["spec"];
    component.capabilities = found["capabilities"];
    component.abi_minor = found["minor"];
    component.file = file;
    plugin.interface =
        std::to_string(DAYMILL_ABI_MAJOR) + "." + std::to_string(component.abi_minor);
    plugin.components.push_back(std::move(component));
  }
  return plugin;
}

/// In the process of the check: the component itself.
Result<Subject> subject_of(const PluginComponent& wanted, const CertifySettings& settings) {
  Subject subject;
  DAYMILL_ASSIGN(const PluginLibrary library, load_plugin(wanted.file, subject.host));
  for (const PluginComponent& component : library.components) {
    if (component.kind == wanted.kind && component.id == wanted.id) {
      subject.component = component;
    }
  }
  subject.settings = settings.entries;
  subject.is_configured = settings.is_configured;
  subject.secret_fields = settings.secret_fields;
  subject.text_fields = settings.text_fields;
  subject.day = utc_day(settings.day);
  subject.may_remove = settings.may_remove;
  subject.change = settings.change;
  subject.rows_are_given = settings.rows.has_value();
  subject.rows = settings.rows ? *settings.rows : ProbeRows::made_up(plain_schema(), kMadeUpRows);
  if (!settings.rows && wanted.kind == ComponentKind::transform) {
    const ProbeRows every = ProbeRows::made_up(every_type_schema(), kMadeUpRows);
    const auto transform = subject.transform();
    if (transform.ok() && (*transform)->bind(every.schema()).ok()) {
      subject.rows = every;
    }
  }
  return subject;
}

CheckResult run_with(const Check& check, const Subject& subject) {
  if (check.with != Needs::nothing && !subject.is_configured) {
    const Status created = subject.create(subject.settings);
    if (created.code() == Code::invalid_config) {
      return {Outcome::not_run,
              "needs settings, see --config: with its examples alone, " + created.message()};
    }
  }
  return check.run(subject);
}

std::string run_here(const Check& check, const PluginComponent& component,
                     const CertifySettings& settings) {
  const auto subject = subject_of(component, settings);
  const CheckResult result = subject.ok() ? run_with(check, *subject) : subject.status();
  return dump({{"outcome", static_cast<int>(result.outcome)}, {"why", result.why}});
}

/// Of those bits that a check needs.
const char* capability_name(std::uint32_t bit) {
  switch (bit) {
    case DAYMILL_SOURCE_REMOVES_BY_PROOF:
      return "SOURCE_REMOVES_BY_PROOF";
    case DAYMILL_SOURCE_READS_IN_ORDER:
      return "SOURCE_READS_IN_ORDER";
    case DAYMILL_SINK_RECEIPTS:
      return "SINK_RECEIPTS";
    case DAYMILL_SINK_FENCES:
      return "SINK_FENCES";
    case DAYMILL_SINK_STORES_REJECTS:
      return "SINK_STORES_REJECTS";
    default:
      return "it";
  }
}

/// A transform's defaults are harmless; a source or sink is not tried on what it finds by itself.
bool has_settings(const PluginComponent& component, const CertifySettings& settings) {
  if (settings.is_configured || component.kind != ComponentKind::transform) {
    return settings.is_configured;
  }
  const auto rules = parse_config_rules(component.config_spec);
  return rules.ok() && std::none_of(rules->fields.begin(), rules->fields.end(),
                                    [](const FieldRule& field) { return field.required; });
}

CheckResult run_check(const Check& check, const PluginComponent& component,
                      const CertifySettings& settings) {
  if (!component.can(check.capabilities)) {
    return {Outcome::not_applicable,
            std::string("does not declare ") + capability_name(check.capabilities)};
  }
  if (check.with == Needs::settings && !has_settings(component, settings)) {
    return {Outcome::not_run, "needs settings, see --config"};
  }
  const IsolatedEnd end =
      call_isolated([&] { return run_here(check, component, settings); }, kCheckLimit);
  if (!end.returned) {
    return {Outcome::fail, end.failure() + last_words(end.output)};
  }
  const Json answer = Json::parse(end.answer, nullptr, false);
  return {static_cast<Outcome>(answer["outcome"].get<int>()), answer["why"].get<std::string>()};
}

/// A line of its own for what any of the checks may have met.
Score nothing_thrown(const std::vector<Score>& scores) {
  Score score{"errors.nothing_thrown", "no exception left the plugin in any of the checks", {}};
  for (const Score& other : scores) {
    if (other.result.why.find("an exception left the plugin") != std::string::npos) {
      score.result = {Outcome::fail, "in " + other.check};
    }
  }
  return score;
}

}  // namespace

Result<DescribedPlugin> describe_plugin_file(const std::filesystem::path& file) {
  std::error_code ignored;
  const std::filesystem::path absolute = std::filesystem::absolute(file, ignored);
  const IsolatedEnd end = call_isolated(
      [&] {
        const auto library = load_plugin(absolute, std::make_shared<CertifyHost>());
        return library.ok() ? dump(to_json_text(*library))
                            : dump({{"code", static_cast<int>(library.status().code())},
                                    {"message", library.status().message()},
                                    {"where", library.status().where()},
                                    {"next", library.status().next()}});
      },
      kLoadLimit);
  if (!end.returned) {
    return Status(Code::internal, "loading the plugin " + end.failure() + last_words(end.output))
        .at(absolute.string())
        .next("report it to the author of the plugin");
  }
  const Json answer = Json::parse(end.answer, nullptr, false);
  if (answer.contains("code")) {
    return Status(static_cast<Code>(answer["code"].get<int>()), answer["message"])
        .at(answer["where"].get<std::string>())
        .next(answer["next"].get<std::string>());
  }
  return described(absolute, answer);
}

Result<Scorecard> certify(const DescribedPlugin& plugin,
                          const std::map<std::string, CertifySettings>& settings,
                          const OnScore& on_score) {
  Scorecard card{plugin.file.string(), plugin.name, plugin.version, plugin.interface, {}};
  for (const PluginComponent& component : plugin.components) {
    ComponentScores scores{component.kind, component.id, {}};
    for (const Check& check : checks_for(component.kind)) {
      scores.scores.push_back({check.name, check.promise,
                               run_check(check, component, settings.at(component_key(component)))});
      if (!on_score(scores.scores.back())) {
        return Status(Code::cancelled, "stopped; the plugin is not certified");
      }
    }
    scores.scores.push_back(nothing_thrown(scores.scores));
    card.components.push_back(std::move(scores));
  }
  return card;
}

}  // namespace daymill
