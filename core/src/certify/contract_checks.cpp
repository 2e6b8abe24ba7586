// What the table of a component says, before anything of it is called.
#include <set>

#include "certify/check.hpp"
#include "pipeline/config_spec.hpp"

namespace daymill {

namespace {

/// Which bits are a kind's, those that later versions of the interface add included (abi.h).
std::uint32_t bits_of(ComponentKind kind) {
  switch (kind) {
    case ComponentKind::source:
      return 0xffu;
    case ComponentKind::transform:
      return 0xffu << 8;
    case ComponentKind::sink:
      return 0xffu << 16;
  }
  return 0;
}

CheckResult capabilities(const Subject& subject) {
  const PluginComponent& component = subject.component;
  if (const std::uint32_t others = component.capabilities & ~bits_of(component.kind); others != 0) {
    return broken_promise("found capability bits " + std::to_string(others) +
                          " that are not of a " + kind_name(component.kind));
  }
  if (component.can(DAYMILL_SINK_FENCES) && !component.can(DAYMILL_SINK_RECEIPTS)) {
    return broken_promise(
        "it fences without receipts: found SINK_FENCES, expected SINK_RECEIPTS beside it");
  }
  if (component.logic_version < 1) {
    return broken_promise("found logic version " + std::to_string(component.logic_version) +
                          ", expected 1 or more");
  }
  return {};
}

CheckResult table(const Subject& subject) {
  const PluginComponent& component = subject.component;
  const auto* size = static_cast<const std::uint32_t*>(component.functions);
  if (*size % sizeof(void*) != 0) {
    return broken_promise("its function table has the size " + std::to_string(*size) +
                          ", expected a multiple of a pointer's");
  }
  return {};
}

Status check_field(const FieldRule& field) {
  if (field.required && field.default_value) {
    return broken_promise("setting " + field.name + " is required and has a default");
  }
  if (field.required && !field.example) {
    return broken_promise("setting " + field.name + " is required and shows no example");
  }
  if (field.secret && field.type != FieldType::text) {
    return broken_promise("setting " + field.name + " is secret and no text");
  }
  if (field.secret && field.default_value && *field.default_value != "") {
    return broken_promise("setting " + field.name + " is secret and has a default");
  }
  return {};
}

CheckResult settings(const Subject& subject) {
  DAYMILL_ASSIGN(const ConfigRules rules, parse_config_rules(subject.component.config_spec));
  if (rules.summary.empty()) {
    return broken_promise("its config spec has an empty summary, expected a sentence for people");
  }
  std::set<std::string> names;
  for (const FieldRule& field : rules.fields) {
    if (!names.insert(field.name).second) {
      return broken_promise("setting " + field.name + " is declared twice");
    }
    DAYMILL_TRY(check_field(field));
  }
  return {};
}

}  // namespace

std::vector<Check> contract_checks() {
  return {{"contract.table", "the function table is whole", Needs::nothing, 0, table},
          {"contract.capabilities", "capabilities are of its kind and fit each other",
           Needs::nothing, 0, capabilities},
          {"contract.settings", "every setting is described, defaults and examples fit",
           Needs::nothing, 0, settings}};
}

}  // namespace daymill
