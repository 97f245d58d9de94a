# SPDX-License-Identifier: Apache-2.0
# The plain commands without a preset: configured anew, the build would install bin/chronograd. Building it once more is
# left out, for outside_project installs the same targets from the build at hand.
set(build ${WORK_DIR}/plain)
set(prefix ${WORK_DIR}/plain_prefix)
file(REMOVE_RECURSE ${build} ${prefix})
execute_process(
  COMMAND ${CMAKE_COMMAND} -S ${SOURCE_DIR} -B ${build} -G Ninja -DCMAKE_BUILD_TYPE=Release
    -DCMAKE_INSTALL_PREFIX=${prefix} -DCMAKE_CXX_COMPILER=${CXX_COMPILER}
  RESULT_VARIABLE status OUTPUT_VARIABLE text ERROR_VARIABLE errors)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "configuring failed:\n${text}\n${errors}")
endif()

file(GLOB_RECURSE scripts ${build}/cmake_install.cmake)
set(content "")
foreach(script IN LISTS scripts)
  file(READ ${script} one)
  string(APPEND content "${one}")
endforeach()
foreach(wanted IN ITEMS "set(CMAKE_INSTALL_PREFIX \"${prefix}\")" "\${CMAKE_INSTALL_PREFIX}/bin/chronograd")
  string(FIND "${content}" "${wanted}" at)
  if(at EQUAL -1)
    message(FATAL_ERROR "the install scripts do not hold: ${wanted}")
  endif()
endforeach()

# Portable by default: no flag asks for the processor of the machine that builds.
file(READ ${build}/compile_commands.json commands)
if(commands MATCHES "-m(arch|tune)=native")
  message(FATAL_ERROR "the default build uses ${CMAKE_MATCH_0}")
endif()
