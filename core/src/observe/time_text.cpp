#include "observe/time_text.hpp"

#include <ctime>
#include <random>

namespace daymill {

namespace {

std::string utc(std::chrono::system_clock::time_point instant, const char* format) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(instant);
  std::tm fields{};
  gmtime_r(&seconds, &fields);
  char text[32];
  return std::string(text, std::strftime(text, sizeof text, format, &fields));
}

}  // namespace

std::string rfc3339(std::chrono::system_clock::time_point instant) {
  return utc(instant, "%Y-%m-%dT%H:%M:%SZ");
}

std::string rfc3339_now() {
  return rfc3339(std::chrono::system_clock::now());
}

std::string new_run_id() {
  constexpr char kHex[] = "0123456789abcdef";
  std::random_device random;
  std::string id = utc(std::chrono::system_clock::now(), "%Y%m%dT%H%M%SZ-");
  for (std::uint32_t bits = random(), i = 0; i < 8; ++i, bits >>= 4) {
    id += kHex[bits & 15];
  }
  return id;
}

}  // namespace daymill
