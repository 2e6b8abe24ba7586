// Starts a private Redis and PostgreSQL, prints the folder of the first and both ports, and waits
// to be killed: the test of what is left behind then.
#include <unistd.h>

#include <iostream>

#include "support/private_postgres.hpp"
#include "support/private_redis.hpp"

int main() {
  const daymill::support::PrivateRedis redis;
  const daymill::support::PrivatePostgres postgres;
  std::cout << redis.folder().string() << " " << redis.port() << " " << postgres.port() << " up"
            << std::endl;
  for (;;)
    ::pause();
}
