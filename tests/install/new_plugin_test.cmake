# Installs daymill into an empty prefix, lets it write a plugin of each kind, and builds, tests, certifies and installs them
# against nothing but that. Run by ctest with -DBUILD_TREE, -DLIBDIR and -DWORK.
function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ECHO STDOUT COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(REMOVE_RECURSE ${WORK})
foreach(component sdk runtime)
  run(${CMAKE_COMMAND} --install ${BUILD_TREE} --component ${component} --prefix ${WORK}/prefix)
endforeach()
set(daymill ${WORK}/prefix/bin/daymill)
foreach(kind source transform sink)
  set(project ${WORK}/try_${kind})
  run(${daymill} new plugin --kind ${kind} try_${kind} --folder ${project})
  run(${CMAKE_COMMAND} -S ${project} -B ${project}/build -DCMAKE_PREFIX_PATH=${WORK}/prefix -DCMAKE_BUILD_TYPE=Release
    "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor -Werror")
  run(${CMAKE_COMMAND} --build ${project}/build)
  run(${CMAKE_CTEST_COMMAND} --test-dir ${project}/build --output-on-failure --no-tests=error)
  run(${CMAKE_COMMAND} --install ${project}/build)
  if(NOT EXISTS ${WORK}/prefix/${LIBDIR}/daymill/plugins/try_${kind}.so)
    message(FATAL_ERROR "try_${kind}.so is not where the installed daymill looks for plugins")
  endif()
endforeach()
run(${daymill} plugins doctor)

# What it must refuse: names that are none, and a folder that is there.
foreach(arguments "Try-Source;--kind;source" "try_sink;--kind;sink;--folder;${WORK}/try_sink" "install;--kind;sink")
  execute_process(COMMAND ${daymill} new plugin ${arguments} WORKING_DIRECTORY ${WORK} RESULT_VARIABLE code
    ERROR_VARIABLE error)
  if(NOT code EQUAL 2)
    message(FATAL_ERROR "daymill new plugin ${arguments}: found exit code ${code}, expected 2\n${error}")
  endif()
endforeach()
