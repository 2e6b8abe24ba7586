# Warnings and sanitizers for everything built in this tree; never exported to consumers of the SDK.
add_compile_options(-Wall -Wextra -Wpedantic -Wconversion -Wshadow "$<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor>")
if(DAYMILL_WARNINGS_AS_ERRORS)
  add_compile_options(-Werror)
endif()

if(DAYMILL_SANITIZE)
  add_compile_options(-fsanitize=${DAYMILL_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${DAYMILL_SANITIZE})
endif()
if(DAYMILL_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(DAYMILL_SANITIZE MATCHES address)
  set(DAYMILL_LEAK_CHECK_OPTIONS ${CMAKE_SOURCE_DIR}/cmake/leak_check_options.c)
endif()

# g++ 12 sees overlapping copies where there are none when strings are joined under -O2 (GCC bug 105329), and copies
# of 2^63 bytes when it does so at link time (105651).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 12
   AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  add_compile_options(-Wno-restrict)
  if(CMAKE_INTERPROCEDURAL_OPTIMIZATION)
    add_link_options(-Wno-stringop-overflow)
  endif()
endif()
