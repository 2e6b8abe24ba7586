#include <sys/resource.h>

#include <cstdlib>  // says which C library this is

#include "cli/command_line.hpp"

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace {

/// Batches are made by one thread and freed by another, all day long. As glibc comes, it hands
/// their memory back to the system each time, only to fetch it again page by page: a fifth of the
/// CPU of a large day (docs/adr/0012). How much memory is in use at once is bounded elsewhere.
void keep_freed_memory() {
#ifdef __GLIBC__
  constexpr int kMebibyte = 1 << 20;
  mallopt(M_ARENA_MAX, 1);
  mallopt(M_TOP_PAD, kMebibyte);
  mallopt(M_TRIM_THRESHOLD, 128 * kMebibyte);
  mallopt(M_MMAP_THRESHOLD, 32 * kMebibyte);  // the most that it takes
#endif
}

/// A day in many splits keeps a connection for each until it is removed. The lower of the two limits
/// is for programs that use select(2), which none of daymill's libraries does.
void allow_many_files() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);  // where that is refused the limit stays what it was
  }
}

}  // namespace

int main(int argc, char** argv) {
  keep_freed_memory();
  allow_many_files();
  return daymill::run_command_line(argc, argv);
}
