# SPDX-License-Identifier: Apache-2.0
# Conveniences of a developer's own build; nothing here changes what is built.
if(NOT PROJECT_IS_TOP_LEVEL)
  return()
endif()

find_program(CHRONOGRAD_CCACHE ccache)
mark_as_advanced(CHRONOGRAD_CCACHE)
if(CHRONOGRAD_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CHRONOGRAD_CCACHE})
endif()

# The target "coverage": the report of what the tests that were run last have reached, per file and in all.
if(CHRONOGRAD_COVERAGE)
  find_program(CHRONOGRAD_GCOVR gcovr REQUIRED)
  mark_as_advanced(CHRONOGRAD_GCOVR)
  add_custom_target(coverage
    COMMAND ${CHRONOGRAD_GCOVR} --root ${PROJECT_SOURCE_DIR} --filter "${PROJECT_SOURCE_DIR}/(src|include|apps)/"
      --exclude-throw-branches --exclude-unreachable-branches --print-summary --txt ${PROJECT_BINARY_DIR}/coverage.txt
      --html-details ${PROJECT_BINARY_DIR}/coverage.html ${PROJECT_BINARY_DIR}
    WORKING_DIRECTORY ${PROJECT_BINARY_DIR}
    COMMENT "coverage.txt and coverage.html"
    VERBATIM)
endif()
