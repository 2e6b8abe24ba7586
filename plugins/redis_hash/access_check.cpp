#include "access_check.hpp"

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "connection.hpp"
#include "daymill/clock_skew.hpp"
#include "daymill/value.hpp"
#include "inventory.hpp"

namespace daymill::redis_hash {
namespace {

constexpr std::size_t kNewestDays = 366;

class Check {
 public:
  Check(const Settings& settings, Connection& connection)
      : settings_(settings), connection_(connection) {}

  Status run() {
    lines_.push_back("redis " + connection_.version() + " at " + settings_.endpoint.place() +
                     ", master, database " + std::to_string(settings_.endpoint.database));
    if (connection_.mode() != "standalone") {
      lines_.push_back("warning: the server's mode is " + printable(connection_.mode()) +
                       ", expected standalone: keys on other nodes are not found");
    }
    DAYMILL_TRY(check_clock());
    DAYMILL_TRY(check_eviction());
    DAYMILL_TRY(check_keys());
    return settings_.removes ? check_removal() : Status();
  }

  std::vector<std::string> take_lines() { return std::move(lines_); }

 private:
  /// A finding that matters only where keys are to be removed: where counts must not vanish.
  void find(const std::string& text) {
    lines_.push_back((settings_.removes ? "error: " : "warning: ") + text);
  }

  Status check_clock() {
    DAYMILL_ASSIGN(const auto replies, connection_.call_all({{"TIME"}}));
    if (is_error(replies[0]) || replies[0]->elements == 0) {
      return {};  // a user who may not ask can still read
    }
    const std::string_view seconds(replies[0]->element[0]->str, replies[0]->element[0]->len);
    const std::string warning = clock_skew_warning(parse_int64(seconds).value_or(0));
    if (!warning.empty()) {
      lines_.push_back(warning);
    }
    return {};
  }

  Status check_eviction() {
    DAYMILL_ASSIGN(const auto replies, connection_.call_all({{"INFO", "memory"}}));
    if (is_error(replies[0])) {
      lines_.push_back("warning: maxmemory-policy was not checked, the user may not run INFO");
      return {};
    }
    const std::string policy = info_value(text_of(replies[0]), "maxmemory_policy");
    if (policy.substr(0, 8) == "allkeys-" || policy.substr(0, 9) == "volatile-") {
      find("maxmemory-policy is " + policy +
           ", expected noeviction: Redis may drop counts before they are loaded");
    }
    return {};
  }

  Status check_keys() {
    auto days = days_with_keys(connection_, settings_);
    if (!days.ok() && days.status().code() == Code::permission_denied) {
      lines_.push_back("warning: keys were not looked at, the user may not run SCAN");
      return {};
    }
    DAYMILL_TRY(days);
    lines_.push_back("keys of " + std::to_string(days->size()) + " days" +
                     (days->empty() ? "" : ", the newest " + date_text(*days->rbegin())));
    std::size_t left = kNewestDays;
    for (auto day = days->rbegin(); day != days->rend() && left > 0; ++day, --left) {
      for (const Measure& measure : settings_.measures) {
        for (const KeyTemplate& key : measure.keys) {
          DAYMILL_ASSIGN(const bool may_go_on, check_expiry(key.expand(*day)));
          if (!may_go_on) {
            return {};
          }
        }
      }
    }
    return {};
  }

  Result<bool> check_expiry(const std::string& key) {
    DAYMILL_ASSIGN(const auto replies, connection_.call_all({{"TTL", key}}));
    if (is_error(replies[0])) {
      lines_.push_back("warning: time to live was not checked, the user may not run TTL");
      return false;
    }
    if (replies[0]->integer >= 0) {
      find("key " + printable(key) + " expires in " + std::to_string(replies[0]->integer) +
           " s, expected no time to live: redis-cli PERSIST " + printable(key));
    }
    return true;
  }

  /// Queues a removal in a MULTI that is never executed: Redis checks rights and memory when a
  /// command is queued. The connection is closed afterwards, which discards it.
  Status check_removal() {
    const std::string no_day = settings_.measures.front().keys.front().expand(0);
    DAYMILL_ASSIGN(const std::string record, record_key(no_day));
    DAYMILL_ASSIGN(const auto first, connection_.call_all({{"WATCH", no_day, record}, {"MULTI"}}));
    std::string problem;
    for (const Reply& reply : first) {
      problem += is_error(reply) ? std::string(text_of(reply)) : "";
    }
    if (problem.empty()) {
      std::vector<std::string> keys;
      std::vector<Command> commands;
      for (const Measure& measure : settings_.measures) {
        keys.push_back(measure.keys.front().expand(0));
        DAYMILL_ASSIGN(std::string name, record_key(keys.back()));
        keys.push_back(std::move(name));
      }
      for (std::size_t i = 0; i < keys.size(); i += 2) {
        commands.insert(commands.end(), {{"UNLINK", keys[i]}, {"SET", keys[i + 1], "0"}});
      }
      DAYMILL_ASSIGN(const auto queued, connection_.call_all(commands));
      for (const Reply& reply : queued) {
        if (is_error(reply) && problem.empty()) {
          problem = text_of(reply);
        }
      }
    }
    lines_.push_back(problem.empty() ? "removal is allowed"
                                     : "error: removal would fail: " + printable(problem));
    return {};
  }

  const Settings& settings_;
  Connection& connection_;
  std::vector<std::string> lines_;
};

}  // namespace

std::string info_value(std::string_view info, std::string_view name) {
  const std::string line = "\n" + std::string(name) + ":";
  const std::size_t at = info.find(line);
  if (at == std::string_view::npos) {
    return {};
  }
  const std::string_view rest = info.substr(at + line.size());
  return std::string(rest.substr(0, rest.find_first_of("\r\n")));
}

Result<std::vector<std::string>> check_access(const Settings& settings, const Host& engine) {
  DAYMILL_ASSIGN(const auto connection, Connection::open(settings.endpoint, engine));
  Check check(settings, *connection);
  DAYMILL_TRY(check.run());
  return check.take_lines();
}

}  // namespace daymill::redis_hash
