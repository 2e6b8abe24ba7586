// Instants and run ids as text.
#pragma once

#include <chrono>
#include <string>

namespace daymill {

/// "2026-11-23T03:12:45Z"
std::string rfc3339(std::chrono::system_clock::time_point instant);
std::string rfc3339_now();

/// Sorts by time and is unique: "20261123T031245Z-9f3a61c2". For people; nothing depends on it.
std::string new_run_id();

}  // namespace daymill
