// Without libFuzzer: all files of the folders that are given, every beginning of each, and each
// with every byte replaced by some others.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <vector>

#include "fuzz.hpp"

namespace {

constexpr std::size_t kMostBytesVaried = 2048;
constexpr unsigned char kOthers[] = {0x00, '"', '\n', '0', '9', ':', '{', 0x80, 0xff};

std::size_t num_runs = 0;

void run(const std::string& input) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
  ++num_runs;
}

void run_with_variants(std::string input) {
  run(input);
  for (std::size_t at = 0; at < std::min(input.size(), kMostBytesVaried); ++at) {
    run(input.substr(0, at));
    const char kept = input[at];
    for (const unsigned char other : kOthers) {
      input[at] = static_cast<char>(other);
      run(input);
    }
    input[at] = kept;
  }
}

}  // namespace

int main(int count, char** folders) {
  for (int i = 1; i < count; ++i) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folders[i])) {
      files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    for (const std::filesystem::path& path : files) {
      std::ifstream file(path, std::ios::binary);
      run_with_variants(std::string(std::istreambuf_iterator<char>(file), {}));
    }
  }
  std::cout << num_runs << " inputs\n";
  return num_runs == 0 ? 1 : 0;
}
