include(GoogleTest)

# daymill_add_test(<name> SOURCES <file>... [LIBRARIES <target>...] [LABELS <label>...])
# One GoogleTest program and one ctest entry of the same name.
function(daymill_add_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBRARIES;LABELS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES} ${DAYMILL_LEAK_CHECK_OPTIONS})
  target_link_libraries(${name} PRIVATE ${ARG_LIBRARIES} GTest::gtest_main)
  if(DAYMILL_SANITIZE MATCHES undefined)
    # The code under test is checked; checking the tests' own expressions doubles their build time.
    target_compile_options(${name} PRIVATE -fno-sanitize=undefined)
  endif()
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT 300)
endfunction()
