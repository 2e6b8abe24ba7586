// Test results for CI systems, in the XML that JUnit made common
// (github.com/testmoapp/junitxml).
#pragma once

#include <string>
#include <vector>

namespace daymill {

struct TestResult {
  std::string suite;  // the test file
  std::string name;
  std::string failure;  // empty: passed
  double seconds = 0;
};

/// <testsuites> with one <testsuite> per suite; results of a suite stand together.
std::string junit_xml(const std::vector<TestResult>& results);

}  // namespace daymill
