// Redis's error answers in daymill's closed list of codes.
#pragma once

#include <string_view>

#include "daymill/status.hpp"

namespace daymill::redis_hash {

/// `text` as Redis sent it, without the leading minus: "WRONGTYPE Operation against ...".
Status server_error(std::string_view text);

/// The same for the answer to AUTH, whose text may repeat the password (a server that does not know
/// the command quotes its arguments): only the code word is kept.
Status authentication_error(std::string_view text);

}  // namespace daymill::redis_hash
