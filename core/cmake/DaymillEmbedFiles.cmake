# daymill_embed_files(<out.cpp> <name> FOLDER <folder>)
#
# Writes a source file that defines, in namespace daymill, `const std::vector<EmbeddedFile>& <name>()`: the path below
# FOLDER and the text of every file there. Written anew when a file changes.
function(daymill_embed_files out name)
  cmake_parse_arguments(ARG "" "FOLDER" "" ${ARGN})
  file(GLOB_RECURSE files RELATIVE ${ARG_FOLDER} CONFIGURE_DEPENDS ${ARG_FOLDER}/*)
  set(entries "")
  foreach(file ${files})
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${ARG_FOLDER}/${file})
    file(READ ${ARG_FOLDER}/${file} text)
    string(APPEND entries "      {\"${file}\", R\"EMBEDDED(${text})EMBEDDED\"},\n")
  endforeach()
  file(CONFIGURE OUTPUT ${out} @ONLY CONTENT "#include \"cli/embedded_file.hpp\"

namespace daymill {

const std::vector<EmbeddedFile>& ${name}() {
  static const std::vector<EmbeddedFile> kFiles = {
@entries@  };
  return kFiles;
}

}  // namespace daymill
")
endfunction()
