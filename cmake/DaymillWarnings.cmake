# Warnings and sanitizers for everything built in this tree; never exported to consumers of the SDK.
add_compile_options(-Wall -Wextra -Wpedantic -Wconversion -Wshadow "$<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor>")
if(DAYMILL_WARNINGS_AS_ERRORS)
  add_compile_options(-Werror)
endif()

if(DAYMILL_SANITIZE)
  add_compile_options(-fsanitize=${DAYMILL_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${DAYMILL_SANITIZE})
endif()
