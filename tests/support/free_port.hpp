#pragma once

namespace daymill::support {

/// A TCP port of 127.0.0.1 that nobody listened on a moment ago, below the range the kernel hands
/// to outgoing connections (so that no client takes it while its server restarts). Another program
/// may still be faster: who starts a server on it must try again with another port.
[[nodiscard]] int free_port();

}  // namespace daymill::support
