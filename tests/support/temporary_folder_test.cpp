#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "support/process.hpp"
#include "support/wait_until.hpp"

namespace daymill::support {
namespace {

TEST(TemporaryFolder, IsRemovedWithItsContent) {
  std::filesystem::path path;
  {
    const TemporaryFolder folder;
    path = folder.path();
    EXPECT_EQ(read_file(folder.write("a/b.txt", "text")), "text");
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(TemporaryFolder, NothingIsLeftOfAProgramThatIsKilled) {
  Process program({.argv = {DAYMILL_IDLE_SERVERS}});
  const auto up = [&] { return program.standard_output().ends_with("up\n"); };
  ASSERT_TRUE(wait_until([&] { return up() || !program.running(); }, std::chrono::seconds(90)));
  const std::string output = program.standard_output() + program.standard_error();
  std::istringstream words(output);
  std::string redis_folder, redis_port, postgres_port;
  words >> redis_folder >> redis_port >> postgres_port;
  ASSERT_TRUE(std::filesystem::exists(redis_folder)) << output;
  program.send_signal(SIGKILL);
  const auto free_again = [](const std::string& port) {
    return run_process({.argv = {"bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/" + port}}).exit_code !=
           0;
  };
  EXPECT_TRUE(wait_until([&] { return !std::filesystem::exists(redis_folder); }));
  EXPECT_TRUE(wait_until([&] { return free_again(redis_port); }));
  EXPECT_TRUE(wait_until([&] { return free_again(postgres_port); }));
}

}  // namespace
}  // namespace daymill::support
