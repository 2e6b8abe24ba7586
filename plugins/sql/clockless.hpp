// SQLite without a clock: dates that are asked for the present time are NULL, so that no day
// depends on when it is loaded. Settings that ask for it openly are refused before (sql_text.hpp);
// this is for a value of the data that happens to be 'now'.
#pragma once

namespace daymill::sql {

/// The name of a VFS that is SQLite's default one but for the clock; registered once in the
/// process, from any thread. Null when SQLite has no default VFS.
const char* clockless_vfs();

}  // namespace daymill::sql
