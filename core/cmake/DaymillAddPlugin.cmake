# daymill_add_plugin(<name> SOURCES <file>... [LIBRARIES <target>...])
#
# Builds the loadable plugin <name>.so against daymill::sdk with the settings the loader expects:
# no `lib` prefix, daymill_plugin_query_v1 as the only visible symbol, no unresolved symbol left for run time,
# nothing of the libraries it links statically visible to other plugins, and no right to write for group and others
# (the loader refuses a plugin that others could exchange). In this tree the file lands in build/<preset>/plugins and is
# installed beside the program's other plugins; out of tree it lands in ${CMAKE_CURRENT_BINARY_DIR} unless
# DAYMILL_PLUGIN_OUTPUT_DIRECTORY is set, and is installed when DAYMILL_PLUGIN_INSTALL_DIRECTORY is.
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
  set(visible_symbols ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/daymill_plugin.map)
  target_link_options(${name} PRIVATE -Wl,--exclude-libs,ALL -Wl,--version-script=${visible_symbols})
  set_property(TARGET ${name} APPEND PROPERTY LINK_DEPENDS ${visible_symbols})
  add_custom_command(TARGET ${name} POST_BUILD
    COMMAND chmod go-w $<TARGET_FILE:${name}> $<TARGET_FILE_DIR:${name}> VERBATIM)
  if(NOT DAYMILL_SANITIZE)  # a sanitizer's runtime is in the program, so its symbols stay unresolved here
    target_link_options(${name} PRIVATE -Wl,-z,defs)
  endif()
  if(NOT ARG_NO_INSTALL AND DAYMILL_PLUGIN_INSTALL_DIRECTORY)
    install(TARGETS ${name} LIBRARY DESTINATION ${DAYMILL_PLUGIN_INSTALL_DIRECTORY} COMPONENT runtime)
    set_property(GLOBAL APPEND PROPERTY DAYMILL_TREE_PLUGINS ${name})
  endif()
endfunction()
