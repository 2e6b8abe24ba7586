# Installs the SDK into an empty prefix, builds and tests examples/plugin_template against nothing but that, installs the
# plugin, and loads it as daymill would. Run by ctest with -DBUILD_TREE, -DTEMPLATE, -DLOADER, -DLIBDIR and -DWORK.
function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ECHO STDOUT COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(REMOVE_RECURSE ${WORK})
run(${CMAKE_COMMAND} --install ${BUILD_TREE} --component sdk --prefix ${WORK}/prefix)
file(COPY ${TEMPLATE}/ DESTINATION ${WORK}/source)
run(${CMAKE_COMMAND} -S ${WORK}/source -B ${WORK}/build -DCMAKE_PREFIX_PATH=${WORK}/prefix -DCMAKE_BUILD_TYPE=Release
  "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor -Werror")
run(${CMAKE_COMMAND} --build ${WORK}/build)
run(${CMAKE_CTEST_COMMAND} --test-dir ${WORK}/build --output-on-failure --no-tests=error)
run(${CMAKE_COMMAND} --install ${WORK}/build)
run(${LOADER} ${WORK}/build)
run(${LOADER} ${WORK}/prefix/${LIBDIR}/daymill/plugins)
