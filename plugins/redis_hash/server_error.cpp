#include "server_error.hpp"

#include <string>

#include "daymill/value.hpp"

namespace daymill::redis_hash {
namespace {

struct Meaning {
  std::string_view begins;  // of the error's text
  Code code;
  const char* next;
};

constexpr const char* kCredentials = "check user and password in the pipeline's redis_hash config";
constexpr const char* kAccess =
    "grant what the plugin's README lists under \"Access rights\": ACL SETUSER ...";
constexpr const char* kMemory =
    "free memory or raise it (CONFIG SET maxmemory ...), then resume the date; nothing was removed";
constexpr const char* kCluster =
    "connect to a server that is not in cluster mode; Redis Cluster is not supported";
constexpr const char* kMaster = "point host and port at the master";
constexpr const char* kLoading =
    "Redis has just started and reads its data set: wait until redis-cli INFO persistence says "
    "loading:0";
constexpr const char* kBusy = "a script keeps Redis busy: wait for it, or redis-cli SCRIPT KILL";

// The first that fits counts.
constexpr Meaning kMeanings[] = {
    {"NOAUTH", Code::unauthenticated, kCredentials},
    {"WRONGPASS", Code::unauthenticated, kCredentials},
    {"ERR invalid password", Code::unauthenticated, kCredentials},
    {"ERR AUTH", Code::unauthenticated, kCredentials},
    {"ERR Client sent AUTH", Code::unauthenticated, kCredentials},
    {"NOPERM", Code::permission_denied, kAccess},
    {"DENIED", Code::permission_denied, "the server is in protected mode: give it a password"},
    {"LOADING", Code::unavailable, kLoading},
    {"MASTERDOWN", Code::unavailable, kMaster},
    {"BUSY", Code::unavailable, kBusy},
    {"TRYAGAIN", Code::unavailable, ""},
    {"CLUSTERDOWN", Code::unavailable, ""},
    {"NOREPLICAS", Code::unavailable, "too few replicas are connected (min-replicas-to-write)"},
    {"READONLY", Code::unavailable, kMaster},
    {"OOM", Code::resource_exhausted, kMemory},
    {"MISCONF", Code::resource_exhausted, "Redis cannot save to its disk: look into its log"},
    {"ERR max number of clients", Code::resource_exhausted, "raise maxclients"},
    {"WRONGTYPE", Code::invalid_data, ""},
    {"MOVED", Code::unsupported, kCluster},
    {"ASK", Code::unsupported, kCluster},
    {"CROSSSLOT", Code::unsupported, kCluster},
    {"NOPROTO", Code::unsupported, "Redis 6 or newer is needed"},
    {"ERR DB index", Code::invalid_config, "check database in the pipeline's redis_hash config"},
    {"ERR SELECT is not allowed", Code::invalid_config,
     "check database in the pipeline's redis_hash config"},
    {"ERR unknown command", Code::unsupported, "Redis 6 or newer with its commands not renamed"},
};

const Meaning& meaning_of(std::string_view text) {
  constexpr std::string_view kBecause = "because of: ";  // EXECABORT Transaction discarded ...
  if (const std::size_t cause = text.find(kBecause);
      text.substr(0, 9) == "EXECABORT" && cause != std::string_view::npos) {
    text.remove_prefix(cause + kBecause.size());
  }
  static constexpr Meaning kUnknown{"", Code::internal, ""};
  for (const Meaning& one : kMeanings) {
    if (text.substr(0, one.begins.size()) == one.begins) {
      return one;
    }
  }
  return kUnknown;
}

}  // namespace

Status server_error(std::string_view text) {
  const Meaning& meaning = meaning_of(text);
  return Status(meaning.code, "Redis answered: " + printable(text)).next(meaning.next);
}

Status authentication_error(std::string_view text) {
  const Meaning& meaning = meaning_of(text);
  const std::string word(text.substr(0, text.find(' ')));
  const Code code = meaning.code == Code::internal ? Code::unauthenticated : meaning.code;
  return Status(code, "Redis refused to authenticate (" + printable(word, 32) + ")")
      .next(meaning.code == Code::internal ? kCredentials : meaning.next);
}

}  // namespace daymill::redis_hash
