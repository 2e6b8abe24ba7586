#include "plugin/plugin_table_check.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "daymill/value.hpp"
#include "plugin/function_slot.hpp"

namespace daymill {

namespace {

constexpr const char* kTellAuthor = "report it to the author of the plugin";

Status broken(std::string message) {
  return Status(Code::internal, std::move(message)).next(kTellAuthor);
}

std::string version_text(unsigned major, unsigned minor) {
  return std::to_string(major) + "." + std::to_string(minor);
}

Status check_version(const daymill_plugin_info& info) {
  if (info.magic != DAYMILL_PLUGIN_MAGIC) {
    std::array<char, 32> found{};
    std::snprintf(found.data(), found.size(), "0x%016llx",
                  static_cast<unsigned long long>(info.magic));
    std::array<char, 32> expected{};
    std::snprintf(expected.data(), expected.size(), "0x%016llx", DAYMILL_PLUGIN_MAGIC);
    return Status(Code::unsupported, std::string("not a daymill plugin: found the magic number ") +
                                         found.data() + ", expected " + expected.data())
        .next("build it against <daymill/plugin.hpp> of daymill 1, or take it out of the folder");
  }
  const std::string found = version_text(info.abi_major, info.abi_minor);
  const std::string own = version_text(DAYMILL_ABI_MAJOR, DAYMILL_ABI_MINOR);
  if (info.abi_major != DAYMILL_ABI_MAJOR) {
    return Status(Code::unsupported, "built for another plugin interface: found version " + found +
                                         ", expected " + std::to_string(DAYMILL_ABI_MAJOR) +
                                         ".x (this daymill has " + own + ")")
        .next("rebuild the plugin against this daymill's headers");
  }
  if (info.abi_minor > DAYMILL_ABI_MINOR) {
    return Status(Code::unsupported, "built for a newer plugin interface: found version " + found +
                                         ", expected at most " + own)
        .next("install a newer daymill, or rebuild the plugin against this daymill's headers");
  }
  return {};
}

bool is_id(std::string_view text) {
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto is_other = [](char c) { return (c >= '0' && c <= '9') || c == '_'; };
  return !text.empty() && is_letter(text.front()) &&
         std::all_of(text.begin(), text.end(), [&](char c) { return is_letter(c) || is_other(c); });
}

Status check_field(const nlohmann::json& field) {
  constexpr std::array<std::string_view, 6> kTypes = {"text",    "integer",   "number",
                                                      "boolean", "text_list", "text_map"};
  const auto text_of = [&](const char* key) {
    const auto found = field.is_object() ? field.find(key) : field.end();
    return found != field.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  const std::string name = text_of("name");
  if (!is_id(name)) {
    return broken("its config spec has a field named \"" + printable(name) +
                  "\", expected a name of [a-z][a-z0-9_]*");
  }
  const std::string type = text_of("type");
  if (std::find(kTypes.begin(), kTypes.end(), type) == kTypes.end()) {
    return broken("its config spec gives field " + name + " the type \"" + printable(type) +
                  "\", expected text, integer, number, boolean, text_list or text_map");
  }
  if (text_of("description").empty()) {
    return broken("its config spec gives field " + name +
                  " no description, expected a sentence for people");
  }
  return {};
}

Status check_spec(const char* spec) {
  if (spec == nullptr) {
    return broken("it has no config spec: found NULL, expected a JSON object");
  }
  const nlohmann::json json = nlohmann::json::parse(spec, nullptr, false);
  if (json.is_discarded() || !json.is_object()) {
    return broken("its config spec is not a JSON object: found \"" +
                  printable(std::string_view(spec), 60) +
                  "\", expected {\"summary\": ..., \"fields\": [...]}");
  }
  const auto summary = json.find("summary");
  const auto fields = json.find("fields");
  if (summary == json.end() || !summary->is_string() || fields == json.end() ||
      !fields->is_array()) {
    return broken("its config spec lacks \"summary\" (text) or \"fields\" (array), found \"" +
                  printable(std::string_view(spec), 60) + "\"");
  }
  for (const nlohmann::json& field : *fields) {
    DAYMILL_TRY(check_field(field));
  }
  return {};
}

template <typename Table, typename Function>
Status need(const Table* table, Function Table::*member, const char* name) {
  return function_slot(table, member) != nullptr
             ? ok_status()
             : broken(std::string("its function ") + name +
                      " is missing: found NULL, expected all functions but the optional ones");
}

Status check_source(const daymill_source_functions* table, std::uint32_t capabilities) {
  DAYMILL_TRY(need(table, &daymill_source_functions::create, "create"));
  DAYMILL_TRY(need(table, &daymill_source_functions::destroy, "destroy"));
  DAYMILL_TRY(need(table, &daymill_source_functions::schema, "schema"));
  DAYMILL_TRY(need(table, &daymill_source_functions::raw_schema, "raw_schema"));
  DAYMILL_TRY(need(table, &daymill_source_functions::plan, "plan"));
  DAYMILL_TRY(need(table, &daymill_source_functions::open, "open"));
  DAYMILL_TRY(need(table, &daymill_source_functions::decoder, "decoder"));
  if ((capabilities & DAYMILL_SOURCE_REMOVES_BY_PROOF) != 0) {
    DAYMILL_TRY(need(table, &daymill_source_functions::remove, "remove"));
  }
  return {};
}

Status check_transform(const daymill_transform_functions* table) {
  DAYMILL_TRY(need(table, &daymill_transform_functions::create, "create"));
  DAYMILL_TRY(need(table, &daymill_transform_functions::destroy, "destroy"));
  DAYMILL_TRY(need(table, &daymill_transform_functions::bind, "bind"));
  DAYMILL_TRY(need(table, &daymill_transform_functions::open, "open"));
  return {};
}

Status check_sink(const daymill_sink_functions* table) {
  DAYMILL_TRY(need(table, &daymill_sink_functions::create, "create"));
  DAYMILL_TRY(need(table, &daymill_sink_functions::destroy, "destroy"));
  DAYMILL_TRY(need(table, &daymill_sink_functions::bind, "bind"));
  DAYMILL_TRY(need(table, &daymill_sink_functions::receipts, "receipts"));
  DAYMILL_TRY(need(table, &daymill_sink_functions::claim, "claim"));
  DAYMILL_TRY(need(table, &daymill_sink_functions::begin, "begin"));
  DAYMILL_TRY(need(table, &daymill_sink_functions::open, "open"));
  DAYMILL_TRY(need(table, &daymill_sink_functions::reject, "reject"));
  DAYMILL_TRY(need(table, &daymill_sink_functions::commit, "commit"));
  DAYMILL_TRY(need(table, &daymill_sink_functions::abort, "abort"));
  DAYMILL_TRY(need(table, &daymill_sink_functions::mark_removed, "mark_removed"));
  DAYMILL_TRY(need(table, &daymill_sink_functions::identity, "identity"));
  return {};
}

Status check_functions(const daymill_component& component) {
  if (component.functions == nullptr) {
    return broken("its function table is missing: found NULL, expected a table");
  }
  switch (component.kind) {
    case DAYMILL_KIND_SOURCE:
      return check_source(static_cast<const daymill_source_functions*>(component.functions),
                          component.capabilities);
    case DAYMILL_KIND_TRANSFORM:
      return check_transform(static_cast<const daymill_transform_functions*>(component.functions));
    case DAYMILL_KIND_SINK:
      return check_sink(static_cast<const daymill_sink_functions*>(component.functions));
    default:
      return broken("found kind " + std::to_string(component.kind) +
                    ", expected 1 source, 2 transform or 3 sink");
  }
}

/// Adds which component an error is about.
Status in_component(const Status& status, const std::string& id) {
  return status.ok() ? status
                     : Status(status.code(), "component " + id + ": " + status.message())
                           .next(status.next());
}

Result<PluginComponent> check_component(const daymill_component* component) {
  if (component == nullptr || component->struct_size < sizeof(daymill_component)) {
    return broken(
        "found a component that is NULL or too short, expected one of plugin interface 1.0");
  }
  if (component->id == nullptr || !is_id(component->id)) {
    return broken("a component has the id \"" +
                  printable(component->id == nullptr ? "" : component->id) +
                  "\", expected [a-z][a-z0-9_]*");
  }
  DAYMILL_TRY(in_component(check_functions(*component), component->id));
  DAYMILL_TRY(in_component(check_spec(component->config_spec), component->id));
  PluginComponent found;
  found.kind = static_cast<ComponentKind>(component->kind);
  found.id = component->id;
  found.config_spec = component->config_spec;
  found.capabilities = component->capabilities;
  found.logic_version = component->logic_version;
  found.functions = component->functions;
  return found;
}

}  // namespace

Result<std::vector<PluginComponent>> check_plugin_table(const daymill_plugin_info* info) {
  if (info == nullptr) {
    return broken(std::string(DAYMILL_QUERY_SYMBOL) +
                  " gave nothing: found NULL, expected a plugin table");
  }
  DAYMILL_TRY(check_version(*info));
  if (info->struct_size < sizeof(daymill_plugin_info)) {
    return broken("found a plugin table of " + std::to_string(info->struct_size) +
                  " bytes, expected at least " + std::to_string(sizeof(daymill_plugin_info)));
  }
  if (info->name == nullptr || *info->name == '\0' || info->version == nullptr ||
      *info->version == '\0') {
    return broken("found no name or no version, expected both");
  }
  if (info->n_components == 0 || info->components == nullptr) {
    return broken("found no components, expected at least one source, transform or sink");
  }
  std::vector<PluginComponent> components;
  for (std::size_t i = 0; i < info->n_components; ++i) {
    DAYMILL_ASSIGN(PluginComponent component, check_component(info->components[i]));
    for (const PluginComponent& other : components) {
      if (other.kind == component.kind && other.id == component.id) {
        return broken(std::string("it has two components for ") + kind_name(component.kind) + " " +
                      component.id + ", expected one");
      }
    }
    component.plugin = info->name;
    component.version = info->version;
    component.abi_minor = info->abi_minor;
    components.push_back(std::move(component));
  }
  return components;
}

}  // namespace daymill
