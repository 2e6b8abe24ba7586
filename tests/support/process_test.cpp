#include "support/process.hpp"

#include <gtest/gtest.h>

#include "support/wait_until.hpp"

namespace daymill::support {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Process, ReturnsExitCodeAndBothOutputs) {
  const auto result = run_process({.argv = {"sh", "-c", "echo out; echo err >&2; exit 7"}});
  EXPECT_EQ(result.exit_code, 7);
  EXPECT_EQ(result.signal, 0);
  EXPECT_EQ(result.standard_output, "out\n");
  EXPECT_EQ(result.standard_error, "err\n");
}

TEST(Process, PassesInputEnvironmentAndFolder) {
  const auto result = run_process({.argv = {"sh", "-c", "cat; echo \"$ADDED:$HOME\"; pwd"},
                                   .environment = {{"ADDED", "a b"}},
                                   .unset = {"HOME"},
                                   .input = "line\n",
                                   .folder = "/usr"});
  EXPECT_EQ(result.standard_output, "line\na b:\n/usr\n");
}

TEST(Process, ManyBytesOfOutputNeverBlockIt) {
  const auto result = run_process({.argv = {"head", "-c", "3000000", "/dev/zero"}});
  EXPECT_EQ(result.standard_output.size(), 3000000u);
}

TEST(Process, IsKilledAtItsTimeoutWithItsChildren) {
  const auto result = run_process(
      {.argv = {"sh", "-c", "sleep 1000 & echo $!; wait"}, .timeout = milliseconds(300)});
  EXPECT_TRUE(result.timed_out);
  EXPECT_EQ(result.signal, SIGKILL);
  const pid_t grandchild = std::stoi(result.standard_output);
  EXPECT_TRUE(wait_until([&] {
    return ::kill(grandchild, 0) != 0 ||
           run_process({.argv = {"ps", "-o", "stat=", "-p", std::to_string(grandchild)}})
               .standard_output.starts_with("Z");
  }));
}

TEST(Process, TakesSignalsInTheBackground) {
  Process process(
      {.argv = {"sh", "-c", "trap 'exit 3' TERM; echo up; while :; do sleep 0.05; done"}});
  ASSERT_TRUE(wait_until([&] { return process.standard_output() == "up\n"; }));
  EXPECT_TRUE(process.running());
  EXPECT_FALSE(process.wait(milliseconds(1)).has_value());
  process.send_signal(SIGTERM);
  const auto result = process.wait(seconds(30));
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(result->exit_code, 3);
}

TEST(Process, AProgramThatIsMissingIsAnErrorThatNamesIt) {
  EXPECT_THROW(run_process({.argv = {"daymill-no-such-program"}}), std::runtime_error);
  try {
    (void)run_process({.argv = {"/nonexistent/program"}});
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "cannot start /nonexistent/program: No such file or directory");
  }
}

}  // namespace
}  // namespace daymill::support
