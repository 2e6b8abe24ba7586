#include "cli/junit.hpp"

#include <algorithm>
#include <cstdio>

namespace daymill {

namespace {

/// Text inside XML; control characters, which XML 1.0 cannot hold, become '?'.
std::string escaped(const std::string& text) {
  std::string xml;
  for (const char c : text) {
    switch (c) {
      case '&':
        xml += "&amp;";
        break;
      case '<':
        xml += "&lt;";
        break;
      case '>':
        xml += "&gt;";
        break;
      case '"':
        xml += "&quot;";
        break;
      default:
        xml += static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' ? '?' : c;
    }
  }
  return xml;
}

std::string seconds_text(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", seconds);
  return text;
}

std::string counts(std::vector<TestResult>::const_iterator begin,
                   std::vector<TestResult>::const_iterator end) {
  double seconds = 0;
  for (auto result = begin; result != end; ++result) {
    seconds += result->seconds;
  }
  const auto failed =
      std::count_if(begin, end, [](const TestResult& result) { return !result.failure.empty(); });
  return " tests=\"" + std::to_string(end - begin) + "\" failures=\"" + std::to_string(failed) +
         "\" time=\"" + seconds_text(seconds) + "\">\n";
}

std::string case_xml(const TestResult& result) {
  const std::string head = "    <testcase name=\"" + escaped(result.name) + "\" classname=\"" +
                           escaped(result.suite) + "\" time=\"" + seconds_text(result.seconds) +
                           "\"";
  if (result.failure.empty()) {
    return head + "/>\n";
  }
  return head + ">\n      <failure message=\"rows differ\">" + escaped(result.failure) +
         "</failure>\n    </testcase>\n";
}

}  // namespace

std::string junit_xml(const std::vector<TestResult>& results) {
  std::string xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites" +
                    counts(results.begin(), results.end());
  for (auto begin = results.begin(); begin != results.end();) {
    const auto end = std::find_if(begin, results.end(), [&](const TestResult& result) {
      return result.suite != begin->suite;
    });
    xml += "  <testsuite name=\"" + escaped(begin->suite) + "\"" + counts(begin, end);
    for (; begin != end; ++begin) {
      xml += case_xml(*begin);
    }
    xml += "  </testsuite>\n";
  }
  return xml + "</testsuites>\n";
}

}  // namespace daymill
