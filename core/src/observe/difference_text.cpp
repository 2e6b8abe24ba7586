// What a commit changes, as text and JSON.
#include <algorithm>

#include "daymill/value.hpp"
#include "observe/run_report.hpp"

namespace daymill {

namespace {

const char* kind_name(RowChangeKind kind) {
  switch (kind) {
    case RowChangeKind::added:
      return "added";
    case RowChangeKind::changed:
      return "changed";
    case RowChangeKind::removed:
      return "removed";
  }
  return "changed";
}

char sign_of(RowChangeKind kind) {
  return kind == RowChangeKind::added ? '+' : kind == RowChangeKind::removed ? '-' : '~';
}

std::int64_t value_of(const std::vector<Sum>& sums, const std::string& measure) {
  const auto found = std::find_if(sums.begin(), sums.end(),
                                  [&](const Sum& sum) { return sum.measure == measure; });
  return found == sums.end() ? 0 : found->value;
}

std::string with_sign(std::int64_t before, std::int64_t after) {
  std::int64_t by = 0;
  if (__builtin_sub_overflow(after, before, &by)) {
    return "beyond int64";
  }
  return (by > 0 ? "+" : "") + grouped(by);
}

}  // namespace

std::string to_text(const Difference& difference) {
  std::string text = "  change    rows " + grouped(difference.rows_before) + " → " +
                     grouped(difference.rows_after) + ": " + grouped(difference.added) +
                     " added, " + grouped(difference.changed) + " changed, " +
                     grouped(difference.removed) + " removed\n";
  for (const Sum& after : difference.after) {
    const std::int64_t before = value_of(difference.before, after.measure);
    text += "  change    " + after.measure + " " + grouped(before) + " → " + grouped(after.value) +
            " (" + with_sign(before, after.value) + ")\n";
  }
  for (const RowChange& row : difference.examples) {
    text += std::string("            ") + sign_of(row.kind) + " " + printable(row.key, 120) + ": ";
    text += row.before.empty() ? "" : printable(row.before, 200);
    text += row.before.empty() || row.after.empty() ? "" : " → ";
    text += (row.after.empty() ? "" : printable(row.after, 200)) + "\n";
  }
  const auto shown = static_cast<std::int64_t>(difference.examples.size());
  const std::int64_t all = difference.added + difference.changed + difference.removed;
  if (shown > 0 && shown < all) {
    text += "            ... and " + grouped(all - shown) + " more\n";
  }
  return text;
}

nlohmann::ordered_json to_json(const Difference& difference) {
  nlohmann::ordered_json measures = nlohmann::ordered_json::object();
  for (const Sum& after : difference.after) {
    measures[after.measure] = {{"before", value_of(difference.before, after.measure)},
                               {"after", after.value}};
  }
  nlohmann::ordered_json examples = nlohmann::ordered_json::array();
  for (const RowChange& row : difference.examples) {
    examples.push_back({{"kind", kind_name(row.kind)},
                        {"key", row.key},
                        {"before", row.before},
                        {"after", row.after}});
  }
  return {{"rows_before", difference.rows_before},
          {"rows_after", difference.rows_after},
          {"added", difference.added},
          {"changed", difference.changed},
          {"removed", difference.removed},
          {"measures", measures},
          {"examples", examples}};
}

}  // namespace daymill
