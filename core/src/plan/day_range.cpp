#include "plan/day_range.hpp"

namespace daymill {
namespace {

Result<CivilDay> parse_option(const char* option, const std::string& text) {
  Result<CivilDay> day = CivilDay::parse(text);
  if (!day.ok())
    return Status(day.status().code(), std::string(option) + ": " + day.status().message());
  return day;
}

Result<DayRange> parse_ends(const std::string& from, const std::string& to) {
  DAYMILL_ASSIGN(const CivilDay first, parse_option("--from", from));
  DAYMILL_ASSIGN(const CivilDay last, parse_option("--to", to));
  if (last < first)
    return Status(Code::invalid_argument, "--from " + from + " is after --to " + to)
        .next("--from " + to + " --to " + from);
  return DayRange{first, last};
}

}  // namespace

std::vector<CivilDay> DayRange::days() const {
  std::vector<CivilDay> days;
  days.reserve(size());
  for (CivilDay day = first; day <= last; day = day.next())
    days.push_back(day);
  return days;
}

Result<DayRange> parse_day_range(const DayArguments& arguments) {
  if (arguments.date && (arguments.from || arguments.to))
    return Status(Code::invalid_argument,
                  "--date stands for one day and cannot be combined with --from or --to")
        .next("use --date, or --from and --to");
  if (arguments.date) {
    DAYMILL_ASSIGN(const CivilDay day, parse_option("--date", *arguments.date));
    return DayRange{day, day};
  }
  if (arguments.from && arguments.to)
    return parse_ends(*arguments.from, *arguments.to);
  if (arguments.from)
    return Status(Code::invalid_argument, "--from needs --to")
        .next("--from " + *arguments.from + " --to YYYY-MM-DD");
  if (arguments.to)
    return Status(Code::invalid_argument, "--to needs --from")
        .next("--from YYYY-MM-DD --to " + *arguments.to);
  return Status(Code::invalid_argument, "no date was given")
      .next("--date YYYY-MM-DD, or --from YYYY-MM-DD --to YYYY-MM-DD");
}

}  // namespace daymill
