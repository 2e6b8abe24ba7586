# daymill_add_plugin(<name> SOURCES <file>... [LIBRARIES <target>...])
#
# Builds the loadable plugin <name>.so against daymill::sdk with the settings the loader expects:
# no `lib` prefix, hidden symbols (only daymill_plugin_query_v1 is visible), no unresolved symbol left for run time,
# nothing of the libraries it links statically visible to other plugins. In this tree the file lands in
# build/<preset>/plugins and is installed beside the program's other plugins; out of tree it lands in
# ${CMAKE_CURRENT_BINARY_DIR} unless DAYMILL_PLUGIN_OUTPUT_DIRECTORY is set.
function(daymill_add_plugin name)
  cmake_parse_arguments(ARG "NO_INSTALL" "OUTPUT_DIRECTORY" "SOURCES;LIBRARIES" ${ARGN})
  add_library(${name} MODULE ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE daymill::sdk ${ARG_LIBRARIES})
  set(output_directory ${CMAKE_CURRENT_BINARY_DIR})
  if(ARG_OUTPUT_DIRECTORY)
    set(output_directory ${ARG_OUTPUT_DIRECTORY})
  elseif(DAYMILL_PLUGIN_OUTPUT_DIRECTORY)
    set(output_directory ${DAYMILL_PLUGIN_OUTPUT_DIRECTORY})
  endif()
  set_target_properties(${name} PROPERTIES
    PREFIX "" SUFFIX ".so"
    C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    LIBRARY_OUTPUT_DIRECTORY ${output_directory})
  target_link_options(${name} PRIVATE -Wl,--exclude-libs,ALL)
  if(NOT DAYMILL_SANITIZE)  # a sanitizer's runtime is in the program, so its symbols stay unresolved here
    target_link_options(${name} PRIVATE -Wl,-z,defs)
  endif()
  if(NOT ARG_NO_INSTALL AND DAYMILL_PLUGIN_INSTALL_DIRECTORY)
    install(TARGETS ${name} LIBRARY DESTINATION ${DAYMILL_PLUGIN_INSTALL_DIRECTORY})
  endif()
endfunction()
