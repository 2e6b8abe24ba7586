// Files of the source tree that are part of the program (core/cmake/DaymillEmbedFiles.cmake).
#pragma once

#include <string_view>
#include <vector>

namespace daymill {

struct EmbeddedFile {
  std::string_view path;
  std::string_view text;
};

/// core/templates/plugin: `all/...` and `<kind>/...`.
const std::vector<EmbeddedFile>& plugin_templates();

}  // namespace daymill
