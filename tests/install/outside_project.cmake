# SPDX-License-Identifier: Apache-2.0
# Installs this build under a prefix of its own and moves it, runs the program from there, then builds and runs an
# outside project and the examples.
set(prefix ${WORK_DIR}/moved)
set(outside ${WORK_DIR}/outside)
set(examples ${WORK_DIR}/examples)
file(REMOVE_RECURSE ${WORK_DIR}/prefix ${prefix} ${outside} ${examples})
unset(ENV{LD_LIBRARY_PATH}) # what is installed finds its library by itself

function(run output)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE text ERROR_VARIABLE errors)
  if(NOT status EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "exit ${status} of: ${command}\n${text}\n${errors}")
  endif()
  set(${output} "${text}" PARENT_SCOPE)
endfunction()

run(ignored ${CMAKE_COMMAND} --install ${BUILD_DIR} --prefix ${WORK_DIR}/prefix)
file(RENAME ${WORK_DIR}/prefix ${prefix})

run(text ${prefix}/${BINDIR}/chronograd --version)
if(NOT text MATCHES "${VERSION}")
  message(FATAL_ERROR "the installed program says version '${text}', expected ${VERSION}")
endif()

set(flags "")
if(SANITIZE)
  set(flags "-fsanitize=${SANITIZE}")
endif()
if(COVERAGE)
  string(APPEND flags " --coverage")
endif()
# CMAKE_PREFIX_PATH is all that outside projects are told about this one. The shared library brings what it links: none of
# that is looked for.
set(settings -G Ninja -DCMAKE_BUILD_TYPE=${BUILD_TYPE} -DCMAKE_CXX_COMPILER=${CXX_COMPILER} "-DCMAKE_CXX_FLAGS=${flags}"
  -DCMAKE_PREFIX_PATH=${prefix} -DCMAKE_FIND_PACKAGE_NO_PACKAGE_REGISTRY=ON -DEXPECTED_VERSION=${VERSION})
foreach(package IN ITEMS CLI11 Eigen3 OpenSSL PkgConfig Threads ZLIB fmt libzip nlohmann_json tomlplusplus)
  list(APPEND settings -DCMAKE_DISABLE_FIND_PACKAGE_${package}=ON)
endforeach()
run(ignored ${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR}/consumer -B ${outside} ${settings}
  -DOWN_ENTRIES=${SOURCE_DIR}/tests/catalogue)
run(ignored ${CMAKE_COMMAND} --build ${outside})
run(names ${outside}/consumer)
# Entries from outside need the installed headers alone.
run(ignored ${outside}/own_entries)

# The core predicts and learns with the compiler's own libraries alone.
run(ignored ${outside}/core)
run(linked ${READELF} -d ${outside}/core)
string(REGEX MATCHALL "\\[lib[^]]+\\]" linked "${linked}")
foreach(library IN LISTS linked)
  if(NOT library MATCHES "^.lib(stdc..|m|c|gcc_s|pthread|rt|dl|asan|ubsan|tsan|resolv|gcov)[.]so")
    message(FATAL_ERROR "a program with chronograd::core links ${library}")
  endif()
endforeach()
if(NOT linked MATCHES "libstdc..[.]so")
  message(FATAL_ERROR "${READELF} lists no libraries of ${outside}/core: ${linked}")
endif()

# The outside project sees the same catalogue as the build list.
file(READ ${SOURCE_DIR}/src/rules/CMakeLists.txt list)
if(NOT list MATCHES "chronograd_catalogue\\(rule ([a-z_0-9 \n]+)\\)")
  message(FATAL_ERROR "no list of rules in src/rules/CMakeLists.txt")
endif()
string(STRIP "${CMAKE_MATCH_1}" expected)
string(REGEX REPLACE "[ \n]+" "\n" expected "${expected}")
if(NOT names STREQUAL "${VERSION}\n${expected}\n")
  message(FATAL_ERROR "the outside project printed\n${names}expected\n${VERSION}\n${expected}")
endif()

run(ignored ${CMAKE_COMMAND} -S ${SOURCE_DIR}/examples -B ${examples} ${settings})
run(ignored ${CMAKE_COMMAND} --build ${examples})
run(ignored ${CMAKE_CTEST_COMMAND} --test-dir ${examples} --no-tests=error --output-on-failure)

# Nothing installed knows where it was built.
file(GLOB_RECURSE texts ${prefix}/*.cmake ${prefix}/*.hpp)
foreach(file IN LISTS texts)
  file(READ ${file} content)
  foreach(place IN ITEMS ${SOURCE_DIR} ${BUILD_DIR})
    string(FIND "${content}" "${place}/" at)
    if(NOT at EQUAL -1)
      message(FATAL_ERROR "${file} names ${place}")
    endif()
  endforeach()
endforeach()
