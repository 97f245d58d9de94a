# SPDX-License-Identifier: Apache-2.0
# Folders that read settings and write text: in an optimised build they are compiled with -O1. They take no time when the
# program runs, and long to compile with -O3. Whatever is not named here, loops over numbers and readers of large files
# above all, is optimised as the build type says. With sanitizers these and what only carries numbers about are not
# optimised at all: with their checks -O1 takes two to three times as long to compile.
set(cold src/config src/cost src/figures src/runs src/studies src/report src/exports src/datasets apps/chronograd)
set(level $<$<CONFIG:Release,RelWithDebInfo>:-O1>)
if(CHRONOGRAD_SANITIZE)
  list(APPEND cold src/files src/formats src/streaming src/tasks src/training)
  set(level -O0)
endif()

get_target_property(sources chronograd_core_objects SOURCES)
if(TARGET chronograd)
  get_target_property(more chronograd SOURCES)
  list(APPEND sources ${more})
endif()
foreach(folder IN LISTS cold)
  set(files ${sources})
  list(FILTER files INCLUDE REGEX "^${PROJECT_SOURCE_DIR}/${folder}/")
  list(FILTER files EXCLUDE REGEX "/spectrum[.]cpp$") # decomposes matrices
  if(NOT files AND NOT CHRONOGRAD_CORE_ONLY)
    message(FATAL_ERROR "cmake/ColdFolders.cmake names ${folder}, which has no file of the library.")
  endif()
  set_property(SOURCE ${files} TARGET_DIRECTORY chronograd_core_objects
               APPEND PROPERTY COMPILE_OPTIONS ${level})
endforeach()
